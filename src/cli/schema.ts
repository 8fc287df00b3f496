/** `wrapkeeper schema`: prints the JSON Schemas that editors and other tools use. */
import { EXIT } from '../domain/codes.js';
import type { ExitCode } from '../domain/codes.js';
import { AppError } from '../domain/errors.js';
import { closestName, quote } from '../domain/text.js';
import { journalJsonSchema } from '../journal/record-schema.js';
import { policyJsonSchema, settingsJsonSchema } from '../policy/json-schema.js';
import { renderJson } from '../report/json.js';
import { eventJsonSchema } from '../webhooks/event-schema.js';
import type { Session } from './session.js';

export interface SchemaOptions {
  readonly arguments: readonly [which?: string];
}

const SCHEMAS = {
  policy: policyJsonSchema,
  settings: settingsJsonSchema,
  journal: journalJsonSchema,
  event: eventJsonSchema,
};

export const runSchema = async (
  { screen }: Session,
  { arguments: [which] }: SchemaOptions,
): Promise<ExitCode> => {
  const schema =
    which === undefined
      ? Object.fromEntries(Object.entries(SCHEMAS).map(([name, make]) => [name, make()]))
      : schemaNamed(which);
  await screen.print(renderJson(schema));
  return EXIT.done;
};

const schemaNamed = (which: string): unknown => {
  const names = Object.keys(SCHEMAS);
  const make = new Map(Object.entries(SCHEMAS)).get(which);
  if (make !== undefined) return make();
  const near = closestName(which, names);
  throw new AppError(
    'cli.usage',
    `There is no schema ${quote(which)}${near === null ? '.' : `; did you mean \`${near}\`?`}`,
    { remedy: `Name ${names.map((name) => `\`${name}\``).join(' or ')}, or none for all.` },
  );
};
