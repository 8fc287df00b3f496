/**
 * Measures resolve → diff → plan, without any I/O, on organizations of several sizes: 50 codes a queue
 * under 200 policies, a tenth of the queues drifted. `npm run measure` builds first.
 */
import { codeId, divisionId, organizationId, queueId } from '../dist/domain/ids.js';
import { detectDrift } from '../dist/diff/detect-drift.js';
import { buildPlan } from '../dist/plan/build-plan.js';
import { parsePolicies } from '../dist/policy/parse.js';
import { parseSettings } from '../dist/policy/parse-settings.js';
import { resolveDesired } from '../dist/resolve/resolve.js';

const SIZES = [100, 1_000, 5_000, 20_000];
const POLICIES = 200;
const CODES = 50;
const RUNS = 5;
const now = Date.parse('2026-11-23T09:00:00Z');

const two = (number) => String(number).padStart(2, '0');
const three = (number) => String(number).padStart(3, '0');

const codes = Array.from({ length: 400 }, (_, index) => ({
  id: codeId(`code-${three(index)}`),
  name: `Code ${three(index)}`,
}));
const divisions = Array.from({ length: 20 }, (_, index) => ({
  id: divisionId(`division-${two(index)}`),
  name: `Division ${two(index)}`,
}));

/** Policy 0 is for all queues, 20 are for a division each, the others for a team each. */
const policyText = (index) => {
  const select =
    index === 0
      ? 'name: "*"'
      : index <= divisions.length
        ? `division: Division ${two(index - 1)}`
        : `name: "Team ${three(index)} *"`;
  const count = index === 0 ? CODES - 10 : 5;
  const listed = Array.from(
    { length: count },
    (_, at) => codes[(index * (index === 0 ? 1 : 7) + at) % codes.length].name,
  );
  return [
    'apiVersion: wrapkeeper/v1',
    'kind: QueuePolicy',
    `metadata: { name: policy-${three(index)} }`,
    'spec:',
    `  priority: ${index}`,
    `  queues: { include: [{ ${select} }] }`,
    '  afterCallWork: { prompt: MANDATORY_TIMEOUT, timeout: 45s }',
    '  wrapupCodes:',
    '    unlisted: remove',
    '    codes:',
    ...listed.map((name) => `      - ${name}`),
    '',
  ].join('\n');
};

const { set: policySet, diagnostics } = parsePolicies(
  Array.from({ length: POLICIES }, (_, index) => ({
    path: `policies/${three(index)}.yaml`,
    text: policyText(index),
  })),
);
if (diagnostics.some(({ severity }) => severity === 'error'))
  throw new Error(diagnostics[0].message);
const { settings } = parseSettings(null, { ci: false, now });

const queuesOf = (size) =>
  Array.from({ length: size }, (_, index) => {
    const team = divisions.length + 1 + (index % (POLICIES - divisions.length - 1));
    return {
      id: queueId(`queue-${String(index).padStart(6, '0')}`),
      name: `Team ${three(team)} queue ${index}`,
      division: divisions[index % divisions.length],
      afterCallWork: { prompt: 'MANDATORY_TIMEOUT', timeoutMs: 45_000 },
      enabled: true,
      unsafeNumber: null,
    };
  });

const pass = (inventory, live) => {
  const marks = [performance.now()];
  const desired = resolveDesired({ policySet, inventory, settings, now });
  marks.push(performance.now());
  const drifts = detectDrift(desired, live);
  marks.push(performance.now());
  const plan = buildPlan({
    organization: { id: organizationId('organization'), name: 'Acme' },
    region: 'us-east-1',
    source: { commit: null, dirty: false },
    tool: 'wrapkeeper/measure',
    policySet,
    settings,
    desired,
    drifts,
    diagnostics: desired.diagnostics,
    selects: () => true,
    reads: 0,
    now,
  });
  marks.push(performance.now());
  return { desired, plan, took: marks.slice(1).map((mark, index) => mark - marks[index]) };
};

/** Live codes as wanted, but for every tenth queue, which has lost one and got another. */
const liveCodes = (desired) =>
  new Map(
    desired.queues.map(({ queue, enforced }, index) => {
      const wanted = [...enforced.wrapupCodes.listed.values()].map(({ id, name }) => ({
        id,
        name,
      }));
      const strange = codes.find(({ id }) => !enforced.wrapupCodes.listed.has(id));
      const list = index % 10 === 0 ? [...wanted.slice(1), strange] : wanted;
      return [queue.id, { codes: list, readAt: now, pages: 1 }];
    }),
  );

const median = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];

process.stdout.write('queues  changed  resolve     diff     plan    total  (ms, median of 5)\n');
for (const size of SIZES) {
  const inventory = { queues: queuesOf(size), codes, divisions };
  const live = liveCodes(resolveDesired({ policySet, inventory, settings, now }));
  const runs = Array.from({ length: RUNS + 1 }, () => pass(inventory, live)).slice(1);
  const parts = [0, 1, 2].map((part) => median(runs.map(({ took }) => took[part])));
  const total = median(runs.map(({ took }) => took.reduce((sum, ms) => sum + ms, 0)));
  process.stdout.write(
    [size, runs[0].plan.summary.queuesChanged, ...[...parts, total].map((ms) => ms.toFixed(1))]
      .map((cell, column) => String(cell).padStart(column === 0 ? 6 : 9))
      .join('') + '\n',
  );
}
