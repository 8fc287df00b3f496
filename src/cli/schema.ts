/** `wrapkeeper schema`: prints the JSON Schemas that editors and other tools use. */
import { readFile } from 'node:fs/promises';
import { EXIT } from '../domain/codes.js';
import type { ExitCode } from '../domain/codes.js';
import { AppError } from '../domain/errors.js';
import { closestName, quote } from '../domain/text.js';
import type { Session } from './session.js';
import { PACKAGE_ROOT } from './version.js';

export interface SchemaOptions {
  readonly arguments: readonly [which?: string];
}

const SCHEMAS = ['policy', 'settings'] as const;

export const runSchema = async (session: Session, options: SchemaOptions): Promise<ExitCode> => {
  const [which] = options.arguments;
  await session.screen.print(which === undefined ? await both() : await read(which));
  return EXIT.done;
};

const both = async (): Promise<string> => {
  const texts = await Promise.all(SCHEMAS.map(read));
  const schemas = SCHEMAS.map((name, index): [string, unknown] => [
    name,
    JSON.parse(texts[index] ?? ''),
  ]);
  return `${JSON.stringify(Object.fromEntries(schemas), null, 2)}\n`;
};

const read = async (which: string): Promise<string> => {
  const name = SCHEMAS.find((each) => each === which);
  if (name === undefined) {
    const near = closestName(which, SCHEMAS);
    throw new AppError(
      'cli.usage',
      `There is no schema ${quote(which)}${near === null ? '' : `; did you mean \`${near}\`?`}`,
      { remedy: `Name ${SCHEMAS.map((each) => `\`${each}\``).join(' or ')}, or none for both.` },
    );
  }
  return readFile(new URL(`schemas/${name}.schema.json`, PACKAGE_ROOT), 'utf8');
};
