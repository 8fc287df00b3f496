/** `npm run bench`: measures, prints tables, and writes docs/performance.md. */
import { writeFile } from 'node:fs/promises';
import { cpus, loadavg, totalmem } from 'node:os';
import { join } from 'node:path';
import { benchCore } from './core.js';
import { benchDaemon } from './daemon.js';
import { benchJournal } from './journal.js';
import { benchLatency, benchRateLimit } from './pace.js';
import { ROOT } from './run.js';
import { megabytes, renderTable, renderTargets } from './section.js';
import type { Section } from './section.js';
import { benchSpending } from './spending.js';
import { benchStartUp } from './start-up.js';

const BENCHMARKS = [
  benchCore,
  benchStartUp,
  benchJournal,
  benchSpending,
  benchDaemon,
  benchLatency,
  benchRateLimit,
];

/** How many processes wanted a core in the last minute: above the number of cores, they waited for each other. */
const load = (): number => loadavg()[0] ?? 0;

const describeLoads = (before: number, after: number): string => {
  const busy = Math.max(before, after) > cpus().length;
  const meaning = busy ? ', more than there are cores: these times are too long' : '';
  return `${before.toFixed(1)} before and ${after.toFixed(1)} after${meaning}`;
};

const machine = (): string => {
  const cores = cpus();
  return `${cores.length} cores (${cores[0]?.model.trim() ?? 'unknown'}), ${Math.round(megabytes(totalmem()) / 1024)} GB of memory, Node ${process.versions.node} on ${process.platform}`;
};

const page = (sections: readonly Section[], loads: string): string => `# Performance

Written by \`npm run bench\`, which takes a few minutes. Times are those of one machine; counts and ratios say more.

Measured on ${new Date().toISOString().slice(0, 10)}: ${machine()}. The load average was ${loads}. Other work on the machine can only make a run longer, so that targets are held against the fastest of several where several were affordable.

${renderTargets(sections.flatMap(({ targets }) => targets))}

${sections.map((section) => `## ${section.title}\n\n${section.text}\n\n${renderTable(section)}\n`).join('\n')}`;

const loadBefore = load();
const sections: Section[] = [];
for (const benchmark of BENCHMARKS) {
  const section = await benchmark();
  sections.push(section);
  process.stdout.write(`${section.title}\n\n${renderTable(section)}\n\n`);
}
process.stdout.write(`${renderTargets(sections.flatMap(({ targets }) => targets))}\n`);
await writeFile(
  join(ROOT, 'docs/performance.md'),
  page(sections, describeLoads(loadBefore, load())),
);
