import { describe, expect, it } from 'vitest';
import { parseSettings } from '../../src/policy/parse-settings.js';
import { NOW, brief } from './written.js';

const HEADER = 'apiVersion: wrapkeeper/v1\nkind: Settings\n';
const ORGANIZATION = 'organization: { id: 8f1c0000-0000-4000-8000-000000000001 }\n';

const parse = (lines: string, ci = false) =>
  parseSettings({ path: 'wrapkeeper.yaml', text: `${HEADER}${lines}` }, { now: NOW, ci });

const webhook = (rest: string): string => `webhooks:\n  - { name: a, ${rest} }\n`;
const SECRET = 'secrets: [{ env: SECRET }]';

describe('settings', () => {
  it('have the defaults of the design without a file', () => {
    const { settings, diagnostics } = parseSettings(null, { now: NOW, ci: false });
    expect(diagnostics).toEqual([]);
    expect(settings).toEqual({
      organizationId: null,
      region: null,
      policies: ['policies'],
      api: 'public',
      suspend: null,
      limits: { requestsPerMinute: 300, concurrency: 8 },
      guards: {
        queuesChanged: { percent: 30, count: 100, floor: 5 },
        codesRemoved: { percent: 25, count: 200, floor: 3 },
        codesRemovedPerQueue: { percent: 50, floor: 3 },
        codesPerQueue: 50,
      },
      activity: { maxInteracting: 0, onBusy: 'ignore' },
      changeWindows: [],
      journal: { store: { folder: '.wrapkeeper' }, keepMs: null },
      settleForMs: 10_000,
      webhooks: [],
      daemon: {
        intervalMs: 60_000,
        sweepIntervalMs: 21_600_000,
        verifyCommits: 'off',
        listen: '127.0.0.1:8080',
        apiToken: null,
        gitSecret: null,
        inboundSecrets: [],
        flap: { reversals: 3, withinMs: 3_600_000 },
      },
    });
  });

  it('are the same with an empty file of them', () => {
    expect(parse('').settings).toEqual(parseSettings(null, { now: NOW, ci: false }).settings);
  });

  it('are read with every key', () => {
    const { settings, diagnostics } = parse(`${ORGANIZATION}region: mypurecloud.ie
policies: [common, prod]
api: wrapupcodes-put
suspend: { reason: Audit, by: j.doe, until: 2026-12-31T18:00:00Z }
limits: { requestsPerMinute: 60, concurrency: 2 }
guards:
  queuesChanged: { percent: 0 }
  codesPerQueue: 10
activity: { maxInteracting: 2, onBusy: hold }
changeWindows:
  - { kind: allow, schedule: "0 2 * * *", duration: 3h, timeZone: Europe/Dublin, queues: [{ name: "Billing *" }] }
journal: { branch: wrapkeeper-journal, keep: 730d }
settleFor: 20s
webhooks:
  - { name: reporting, url: "https://reporting.example.com/hooks", secrets: [{ env: A }, { file: /run/b }] }
  - { name: local, url: "http://127.0.0.1:9000/", secrets: [{ env: A }], events: [wrapkeeper.run.completed], allowPrivateNetwork: true }
daemon:
  interval: 2m
  verifyCommits: off
  apiToken: { env: TOKEN }
  flap: { within: 2h }
`);
    expect(diagnostics).toEqual([]);
    expect(settings).toMatchObject({
      organizationId: '8f1c0000-0000-4000-8000-000000000001',
      region: 'mypurecloud.ie',
      policies: ['common', 'prod'],
      api: 'wrapupcodes-put',
      suspend: { reason: 'Audit', by: 'j.doe', until: Date.UTC(2026, 11, 31, 18) },
      limits: { requestsPerMinute: 60, concurrency: 2 },
      guards: { queuesChanged: { percent: 0, count: 100, floor: 5 }, codesPerQueue: 10 },
      activity: { maxInteracting: 2, onBusy: 'hold' },
      changeWindows: [
        {
          kind: 'allow',
          schedule: '0 2 * * *',
          durationMs: 10_800_000,
          timeZone: 'Europe/Dublin',
          queues: [
            { name: 'Billing *', from: { policy: 'settings', span: { line: 14, column: 91 } } },
          ],
        },
      ],
      journal: { store: { branch: 'wrapkeeper-journal' }, keepMs: 63_072_000_000 },
      settleForMs: 20_000,
      webhooks: [
        { name: 'reporting', secrets: [{ env: 'A' }, { file: '/run/b' }], events: ['*'] },
        { name: 'local', events: ['wrapkeeper.run.completed'], allowPrivateNetwork: true },
      ],
      daemon: {
        intervalMs: 120_000,
        apiToken: { env: 'TOKEN' },
        flap: { reversals: 3, withinMs: 7_200_000 },
      },
    });
  });

  it.each<[string, string[]]>([
    // Lines begin with 3: two stand before them.
    ['regon: us-east-1', ['schema.unknown-key 3:1']],
    ['region: US East', ['schema.invalid-value 3:9']],
    ['organization: { id: mine }', ['schema.invalid-value 3:21']],
    ['policies: []', ['schema.invalid-value 3:11']],
    ['policies: policies', ['schema.wrong-type 3:11']],
    ['api: private', ['schema.invalid-value 3:6']],
    ['limits: { requestsPerMinute: 0 }', ['schema.invalid-value 3:30']],
    ['limits: { concurrency: 1.5 }', ['schema.invalid-value 3:24']],
    ['guards: { codesRemoved: { percent: 101 } }', ['schema.invalid-value 3:36']],
    ['guards: { codesRemoved: { percent: -1 } }', ['schema.invalid-value 3:36']],
    ['guards: { codesRemoved: { percent: 12.5 } }', []],
    ['guards: { codesRemoved: { percent: 0, count: 0, floor: 0 } }', []],
    ['settleFor: 10', ['schema.wrong-type 3:12']],
    ['daemon: { verifyCommits: no }', ['schema.invalid-value 3:26']],
    ['daemon: { listen: 8080 }', ['schema.wrong-type 3:19']],
    ['daemon: { listen: "[::1]:8080" }', []],
    ['journal: { folder: a, branch: b }', ['schema.invalid-value 3:10']],
    ['journal: { keep: long }', ['schema.invalid-value 3:18']],
    [
      webhook(`url: "https://example.com", ${SECRET}, events: [wrapkeeper.queue.correctd]`),
      ['schema.invalid-value 4:81'],
    ],
    [webhook(`url: "http://example.com", ${SECRET}`), ['settings.insecure-url 4:21']],
    [webhook(`url: "http://localhost", allowPrivateNetwork: true, ${SECRET}`), []],
    [webhook(`url: "ftp://example.com", ${SECRET}`), ['schema.invalid-value 4:21']],
    [webhook(`url: "https://ex ample.com", ${SECRET}`), ['schema.invalid-value 4:21']],
    [
      `webhooks:\n${`  - { name: a, url: "https://example.com", ${SECRET} }\n`.repeat(2)}`,
      ['settings.duplicate-sink 5:13'],
    ],
    [
      'changeWindows: [{ kind: deny, schedule: "0 24 * * *", duration: 1h, timeZone: UTC }]',
      ['settings.invalid-schedule 3:41'],
    ],
    [
      'changeWindows: [{ kind: deny, schedule: "0 2 * *", duration: 1h, timeZone: UTC }]',
      ['schema.invalid-value 3:41'],
    ],
    [
      'changeWindows: [{ kind: deny, schedule: "*/15 9-17 1,15 JAN-MAR MON", duration: 1h, timeZone: UTC }]',
      [],
    ],
    [
      'changeWindows: [{ kind: deny, schedule: "0 2 * * *", duration: 1h, timeZone: Europe/Dubln }]',
      ['settings.invalid-schedule 3:78'],
    ],
    [
      'changeWindows: [{ kind: deny, schedule: "0 0 30 2 *", duration: 1h, timeZone: UTC }]',
      ['settings.invalid-schedule 3:41'],
    ],
    ['changeWindows: [{ kind: deny, schedule: "0 0 29 2 *", duration: 1h, timeZone: UTC }]', []],
    [
      'changeWindows: [{ kind: deny, schedule: "0 2:00 * * *", duration: 1h, timeZone: UTC }]',
      ['settings.invalid-schedule 3:41'],
    ],
    [
      'changeWindows: [{ kind: deny, schedule: "0 2 * * *", duration: 0s, timeZone: UTC }]',
      ['settings.invalid-schedule 3:64'],
    ],
    ['suspend: { reason: a, by: b, until: 2026-10-01T00:00:00Z }', ['policy.expired 3:37']],
    [`---\n${HEADER}`, ['settings.several-documents 4:1']],
  ])('%j', (lines, found) => {
    expect(
      parse(lines).diagnostics.map(({ code, span }) => `${code} ${span?.line}:${span?.column}`),
    ).toEqual(found);
  });

  it('are one document of their own kind', () => {
    const text = 'apiVersion: wrapkeeper/v1\nkind: QueuePolicy\n';
    const [finding] = parseSettings({ path: 'w.yaml', text }, { now: NOW, ci: false }).diagnostics;
    expect(finding).toMatchObject({
      code: 'schema.unknown-kind',
      remedy:
        'A QueuePolicy does not belong into the settings: move it to a file in the policies folder.',
    });
  });

  it('are not taken from an empty file: it is cut short rather than meant', () => {
    const { diagnostics } = parseSettings({ path: 'w.yaml', text: '# \n' }, { now: NOW, ci: true });
    expect(diagnostics.map(brief)).toEqual(['error yaml.empty w.yaml:1:1']);
  });

  it('name the organization where CI=true', () => {
    expect(parse('', true).diagnostics.map(brief)).toEqual([
      'error settings.organization-required wrapkeeper.yaml:1:1',
    ]);
    expect(parseSettings(null, { now: NOW, ci: true }).diagnostics.map(brief)).toEqual([
      'error settings.organization-required -',
    ]);
    expect(parse(ORGANIZATION, true).diagnostics).toEqual([]);
    expect(parse('organization: { id: x }', true).diagnostics.map(({ code }) => code)).toEqual([
      'schema.invalid-value',
    ]);
  });
});

describe('a secret in the settings', () => {
  const LITERAL = 'hunter2-whsec_c2VjcmV0';

  it.each([
    webhook(`url: "https://example.com", secrets: [${LITERAL}]`),
    webhook(`url: "https://example.com", secrets: ${LITERAL}`),
    webhook(`url: "https://example.com", secrets: *${LITERAL}`),
    webhook(`url: "https://example.com", secrets: { env: ${LITERAL} }`),
    webhook(`url: "https://example.com", secrets: [{ value: ${LITERAL} }]`),
    webhook(`url: "https://example.com", secrets: [{ ${LITERAL}: x }]`),
    webhook(`url: "https://example.com", secrets: [{ env: "${LITERAL}" }]`),
    webhook(`url: "https://example.com", secrets: [{ env: whsec_aHVudGVyMg }]`),
    webhook(`url: "https://example.com", secrets: [{ file: whsec_aHVudGVyMg }]`),
    webhook(`url: "https://example.com", secrets: [!${LITERAL} x]`),
    webhook(`url: "https://example.com", secrets: [*${LITERAL}]`),
    webhook(`url: "https://user:${LITERAL}@example.com", ${SECRET}`),
    webhook(`url: "https://:${LITERAL}@example.com", ${SECRET}`),
    webhook(`url: "https://${LITERAL}@example.com", ${SECRET}`),
    `webhooks: ${LITERAL}`,
    `daemon: { apiToken: ${LITERAL} }`,
    `daemon: { gitSecret: [${LITERAL}] }`,
    `daemon: { inboundSecrets: [{ env: A, file: ${LITERAL} }] }`,
  ])('is refused and not repeated: %j', (lines) => {
    const { diagnostics } = parse(lines);
    expect(diagnostics.length).toBeGreaterThan(0);
    expect(JSON.stringify(diagnostics)).not.toMatch(/hunter2|whsec_(?!…)|aHVudGVyMg/);
  });

  it('is told as what it is', () => {
    expect(parse(`daemon: { apiToken: ${LITERAL} }`).diagnostics).toMatchObject([
      {
        code: 'settings.literal-secret',
        message:
          '`daemon.apiToken` must be a reference, `{ env: NAME }` or `{ file: PATH }`; a secret itself never stands in the settings.',
        span: { line: 3, column: 21 },
      },
    ]);
    expect(
      parse(webhook(`url: "https://u:p@example.com", ${SECRET}`)).diagnostics.map(
        ({ code }) => code,
      ),
    ).toEqual(['settings.literal-secret']);
  });
});
