/** Every generated file of the repository, by its path. */
import { policyJsonSchema, settingsJsonSchema } from './json-schema.js';
import { renderErrorReference, renderKeyReference } from './reference.js';

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

/** The texts as they must be committed; the same on every machine. */
export const generatedFiles = (): Readonly<Record<string, string>> => ({
  'schemas/policy.schema.json': json(policyJsonSchema()),
  'schemas/settings.schema.json': json(settingsJsonSchema()),
  'docs/reference/policies.md': renderKeyReference(
    'Policies',
    'The documents of a policies folder (`policies/**/*.yaml`). A file may hold several, separated by `---`. Unknown keys are errors; instants need an offset; a duration is a whole number and `ms`, `s`, `m`, `h` or `d`. `[]` stands for each item of a list.',
    policyJsonSchema(),
  ),
  'docs/reference/settings.md': renderKeyReference(
    'Settings',
    'The one document of `wrapkeeper.yaml`. Without the file every default holds. Secrets come by reference only: `{ env: NAME }` or `{ file: PATH }`.',
    settingsJsonSchema(),
  ),
  'docs/errors.md': renderErrorReference(),
});
