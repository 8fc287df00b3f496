/** The answers of `explain`, `coverage` and `doctor` as people see them. */
import { stripVTControlCharacters as plain } from 'node:util';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { completeCoverage, outlineCoverage } from '../../src/diff/coverage.js';
import { detectDrift } from '../../src/diff/detect-drift.js';
import { checksOf } from '../../src/domain/check.js';
import { organizationId } from '../../src/domain/ids.js';
import { explainQueue } from '../../src/plan/explain-queue.js';
import type { Explanation } from '../../src/plan/explanation.js';
import { coverageReport } from '../../src/report/coverage.js';
import { renderCoverageText } from '../../src/report/coverage-text.js';
import { doctorReport } from '../../src/report/doctor.js';
import { renderDoctorText } from '../../src/report/doctor-text.js';
import { renderExplanationText } from '../../src/report/explanation-text.js';
import { resolveDesired } from '../../src/resolve/resolve.js';
import { traceQueue } from '../../src/resolve/trace-queue.js';
import { expectFile } from '../support/expected.js';
import { NOW } from '../support/fake-clock.js';
import { division, liveCode, liveCodes, liveQueue } from '../support/live.js';
import { catalog, policy, policySet, settings } from '../support/policy-set.js';
import { hostileName } from '../support/texts.js';

const ORGANIZATION = { id: organizationId('org'), name: 'Example Contact Centre' };

const SET = policySet(
  policy('billing', {
    priority: 10,
    include: ['Billing *'],
    work: ['MANDATORY_TIMEOUT', 45_000],
    codes: {
      unlisted: 'keep',
      codes: [
        'Call back',
        { name: 'Escalated', required: true, bypass: { transfer: true } },
        'Test',
      ],
    },
  }),
  policy('common', {
    work: 'MANDATORY',
    codes: { codes: ['Resolved', 'Escalated'], forbidden: ['Test'] },
  }),
  policy('christmas', {
    active: { from: NOW + 86_400_000, until: null, afterwards: 'remove' },
    codes: { codes: ['Gift card'] },
  }),
  policy('pilot', {
    enforcement: 'report',
    include: ['Billing EN'],
    codes: { unlisted: 'keep', codes: ['Refund'] },
  }),
  policy('no-english', { exclude: ['* EN'], codes: { codes: ['Refund'] } }),
  catalog([{ name: 'Old reason', retired: true }, 'Planned']),
);

const inventoryOf = (queue: string, stray: string) => ({
  queues: [liveQueue(queue), liveQueue('Sales', { division: 'Retail' })],
  codes: [
    'Resolved',
    'Escalated',
    'Call back',
    'Test',
    'Gift card',
    'Refund',
    'Old reason',
    stray,
  ].map((name) => liveCode(name)),
  divisions: [division('Home'), division('Retail')],
});

const explained = (queueName: string, stray = 'Stray'): Explanation => {
  const inventory = inventoryOf(queueName, stray);
  const [queue = liveQueue('')] = inventory.queues;
  const desired = resolveDesired({ policySet: SET, inventory, settings: settings(), now: NOW });
  const codes = liveCodes('Resolved', 'Test', 'Old reason', stray);
  const [drift = null] = detectDrift(
    { ...desired, queues: desired.queues.filter((each) => each.queue === queue) },
    new Map([[queue.id, codes]]),
  );
  return explainQueue({
    organization: ORGANIZATION,
    region: 'us-east-1',
    api: 'public',
    queue,
    trace: traceQueue({ queue, policySet: SET, inventory, now: NOW }),
    drift,
    codes,
    forecast: { by: 'window', reason: 'no change window is open', until: NOW + 3_600_000 },
    diagnostics: desired.diagnostics,
    errorsElsewhere: 2,
    requests: 4,
  });
};

const covered = (queueName: string, stray = 'Stray') => {
  const inventory = inventoryOf(queueName, stray);
  const policies = SET.policies.filter(({ name }) => name !== 'common' && name !== 'no-english');
  const set = { ...SET, policies };
  const desired = resolveDesired({ policySet: set, inventory, settings: settings(), now: NOW });
  const outline = outlineCoverage({
    policySet: set,
    inventory,
    desired,
    selects: () => true,
    now: NOW,
  });
  const read = new Map(outline.toRead.map(({ id }) => [id, liveCodes('Old reason', stray)]));
  return coverageReport({
    organization: ORGANIZATION,
    region: 'us-east-1',
    only: null,
    coverage: completeCoverage(outline, read, true),
    policies: policies.length,
    codes: inventory.codes.length,
    diagnostics: [],
    requests: { sent: 5, queuesRead: read.size },
  });
};

const { ok, warning, failure, skipped } = checksOf('organization');
const EXAMINED = doctorReport([
  checksOf('machine').ok('Node.js', '20.19.0'),
  ok('credentials', 'the OAuth client demo'),
  failure(
    'login',
    'genesys.login-failed',
    'login.mypurecloud.com refused the OAuth client demo: 401',
  ),
  warning(
    'clock',
    'that of this machine is 30s behind the platform',
    'Set the clock of this machine by NTP.',
  ),
  { ...skipped('rate limit', 'nobody answered'), correlationId: 'c-1' },
]);

describe.each([80, 200])('in %i columns', (width) => {
  test.each([
    ['explanation', renderExplanationText(explained('Billing EN'), { width, color: false })],
    ['coverage', renderCoverageText(covered('Billing EN'), { width, color: false })],
    ['doctor', renderDoctorText(EXAMINED, { width, color: false })],
  ])('%s', (name, text) => {
    expectFile(text, `./expected/${name}-${width}.txt`, import.meta.url);
  });
});

test('what is written, and what a report would change beyond it, stand side by side', () => {
  const set = policySet(
    policy('all', { work: 'MANDATORY', codes: { codes: ['Resolved'] } }),
    policy('pilot', {
      priority: 1,
      enforcement: 'report',
      combine: 'replace',
      work: 'AGENT_REQUESTED',
      codes: { codes: ['Escalated'] },
    }),
  );
  const inventory = { ...inventoryOf('Billing EN', 'Stray'), queues: [liveQueue('Billing EN')] };
  const [queue = liveQueue('')] = inventory.queues;
  const desired = resolveDesired({ policySet: set, inventory, settings: settings(), now: NOW });
  const codes = liveCodes();
  const text = renderExplanationText(
    explainQueue({
      organization: ORGANIZATION,
      region: 'us-east-1',
      api: 'public',
      queue,
      trace: traceQueue({ queue, policySet: set, inventory, now: NOW }),
      drift: detectDrift(desired, new Map([[queue.id, codes]]))[0] ?? null,
      codes,
      forecast: null,
      diagnostics: [],
      errorsElsewhere: 0,
      requests: 4,
    }),
    { width: 200, color: false },
  );
  expect(text).toContain(
    'An apply would change after-call work, +1 code. Held: after-call work, +1 code, -1 code.',
  );
  expect(text).toContain(
    'changes to MANDATORY; then to AGENT_REQUESTED, any timer, held by report',
  );
  expect(text).toMatch(/\+ Resolved .*; then removed, held by report/);
  expect(text).toMatch(/^ {2}after-call work and wrap-up codes \(report\): "pilot" only reports/m);
});

test('colour changes nothing but the colour', () => {
  const explanation = explained('Billing EN');
  for (const render of [
    (color: boolean) => renderExplanationText(explanation, { width: 80, color }),
    (color: boolean) => renderCoverageText(covered('Billing EN'), { width: 80, color }),
    (color: boolean) => renderDoctorText(EXAMINED, { width: 80, color }),
  ]) {
    expect(render(true)).not.toBe(render(false));
    expect(plain(render(true))).toBe(render(false));
  }
});

test('no name breaks out of its line', () => {
  fc.assert(
    fc.property(hostileName(), hostileName(), (queue, code) => {
      fc.pre(queue.trim() !== '' && code.trim() !== '');
      for (const text of [
        renderExplanationText(explained(queue, `x${code}`), { width: 80, color: false }),
        renderCoverageText(covered(queue, `x${code}`), { width: 80, color: false }),
      ]) {
        expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u202e\u2066\u2028]/u);
        expect(text).not.toMatch(/^\s*::/m);
        expect(text).not.toContain('##[');
      }
    }),
    { numRuns: 60 },
  );
});

test.each([
  ['MANDATORY', 'enforced'],
  ['MANDATORY_TIMEOUT', 'advisory'],
  [undefined, 'advisory'],
] as const)('required under %s is %s', (work, expected) => {
  const set = policySet(
    policy('a', {
      ...(work === undefined ? {} : { work }),
      codes: { codes: [{ name: 'Resolved', required: true, bypass: { wrapup: true } }] },
    }),
  );
  const queue = liveQueue('Q');
  const inventory = { ...inventoryOf('Q', 'Stray'), queues: [queue] };
  const desired = resolveDesired({ policySet: set, inventory, settings: settings(), now: NOW });
  const codes = liveCodes('Resolved');
  const explain = (api: 'public' | 'wrapupcodes-put') =>
    explainQueue({
      organization: ORGANIZATION,
      region: 'us-east-1',
      api,
      queue,
      trace: traceQueue({ queue, policySet: set, inventory, now: NOW }),
      drift: detectDrift(desired, new Map([[queue.id, codes]]))[0] ?? null,
      codes,
      forecast: null,
      diagnostics: [],
      errorsElsewhere: 0,
      requests: 4,
    }).wrapupCodes.codes[0]?.row;
  expect(explain('public')).toMatchObject({ requiredIs: expected, bypassIs: 'advisory' });
  expect(explain('wrapupcodes-put')).toMatchObject({
    requiredIs: 'gateway',
    bypassIs: 'gateway',
  });
});
