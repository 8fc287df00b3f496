/** Builds the command line once, before the tests that run it. */
import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { promisify } from 'node:util';

export const setup = async (): Promise<void> => {
  const compiler = createRequire(import.meta.url).resolve('typescript/bin/tsc');
  await promisify(execFile)(process.execPath, [compiler, '-p', 'tsconfig.build.json']).catch(
    (error: unknown) => {
      const { stdout } = error as { readonly stdout: string };
      throw new Error(`The build failed:\n${stdout}`);
    },
  );
};
