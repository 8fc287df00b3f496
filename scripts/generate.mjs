/**
 * Writes the files that are made from the sources; with `--check`, only looks whether they are fresh.
 * `npm run generate` builds first, and so does `npm run generate:check`.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { renderCommandReference } from '../dist/cli/reference.js';
import { generatedWorkflows } from '../dist/cli/workflow-samples.js';
import { generatedJournalSchema } from '../dist/journal/record-schema.js';
import { generatedFiles } from '../dist/policy/generated.js';
import { generatedEventSchema } from '../dist/webhooks/event-schema.js';

const root = new URL('../', import.meta.url);
const isCheck = process.argv.includes('--check');
const files = {
  ...generatedFiles(),
  ...generatedWorkflows(),
  'docs/reference/cli.md': renderCommandReference(),
  'schemas/event.schema.json': generatedEventSchema(),
  'schemas/journal.schema.json': generatedJournalSchema(),
};

for (const [path, text] of Object.entries(files)) {
  const url = new URL(path, root);
  const before = await readFile(url, 'utf8').catch(() => null);
  if (text === before) continue;
  if (isCheck) {
    process.stderr.write(`${path} is stale: run \`npm run generate\` and commit it.\n`);
    process.exitCode = 1;
  } else {
    await mkdir(new URL('./', url), { recursive: true });
    await writeFile(url, text);
    process.stdout.write(`wrote ${path}\n`);
  }
}
