/** A compliance report with everything in it that reports can tell. */
import { addMedia, addNumbers, judgeEndings } from '../../src/diff/judge-endings.js';
import type {
  ComplianceReport,
  EndingCount,
  QueueCompliance,
} from '../../src/domain/compliance.js';
import { codeId } from '../../src/domain/ids.js';
import { judgeRequirement, requirementOf } from '../../src/domain/requirement.js';
import type { JudgedRequirement, RequirementFlag } from '../../src/domain/requirement.js';
import type { WrapupPrompt } from '../../src/domain/state.js';

const NAMES = new Map([
  ['resolved', 'Resolved'],
  ['escalated', 'Escalated'],
  ['test', 'Test | <!-- @all -->'],
  ['other', 'Other'],
]);

const listed = ['resolved', 'escalated'].map((id) => ({
  id: codeId(id),
  name: NAMES.get(id) ?? id,
  requirement: requirementOf(() => false),
  from: [],
}));

/** What is asked under a prompt of the public API. */
export const asked = (
  prompt: WrapupPrompt,
  ...flags: readonly RequirementFlag[]
): JudgedRequirement =>
  judgeRequirement(
    requirementOf((flag) => flags.includes(flag)),
    { api: 'public', prompt },
  );

/** A queue in which interactions ended like this: `code` (null: without) and how many, by voice unless a third says otherwise. */
export const judgedQueue = (
  name: string,
  requirement: JudgedRequirement,
  ...endings: readonly (readonly [code: string | null, count: number, mediaType?: string])[]
): QueueCompliance => ({
  id: name,
  name,
  division: 'Home',
  policies: ['common'],
  requirement,
  prompt: { desired: 'MANDATORY', live: 'MANDATORY' },
  ...judgeEndings(
    endings.map(([wrapUpCode, count, mediaType = 'voice']): EndingCount => ({
      wrapUpCode,
      count,
      mediaType,
    })),
    {
      requirement,
      names: NAMES,
      codes: {
        unlisted: 'remove',
        allowEmpty: false,
        explicit: true,
        listed: new Map(listed.map((code) => [code.id, code])),
        unwanted: new Map([[codeId('test'), { name: 'Test', from: [] }]]),
        protected: new Set(),
        from: [],
      },
    },
  ),
});

/** A report about these queues, in this order. */
export const complianceReport = (
  queues: readonly QueueCompliance[],
  more: Partial<ComplianceReport> = {},
): ComplianceReport => ({
  kind: 'ComplianceReport',
  formatVersion: '1.0',
  tool: 'wrapkeeper/0.0.0',
  organization: { id: 'o', name: 'Example Contact Centre' },
  region: 'eu-west-1',
  period: { from: '2026-11-16T00:00:00.000Z', until: '2026-11-23T00:00:00.000Z' },
  total: addNumbers(queues),
  media: addMedia(queues.flatMap(({ media }) => media)),
  queues,
  unread: [],
  unmanaged: [],
  failUnder: null,
  requests: { sent: 4, retried: 0, throttled: 0 },
  diagnostics: [],
  ...more,
});

const TIMEOUT = 'ININ-WRAP-UP-TIMEOUT';
const SKIPPED = 'ININ-WRAP-UP-SKIPPED';

/** One of each. */
export const fullCompliance = (): ComplianceReport =>
  complianceReport(
    [
      judgedQueue(
        'Réclamations Professionnels – Weekend und Feiertage',
        asked('MANDATORY_TIMEOUT', 'required'),
        ['resolved', 30],
        ['test', 20],
        [TIMEOUT, 40],
        [null, 10, 'email'],
      ),
      judgedQueue(
        'Billing DE',
        asked('MANDATORY', 'required', 'transfer', 'postCallWork'),
        ['resolved', 61],
        [SKIPPED, 20],
        ['ININ-OUTBOUND-BUSY', 9],
        [null, 10],
      ),
      judgedQueue(
        'お問い合わせ 請求',
        asked('MANDATORY_TIMEOUT', 'required'),
        ['escalated', 999, 'chat'],
        ['ININ-WRAP-UP-DELETED', 1, 'chat'],
      ),
      judgedQueue(
        'Sales EN',
        asked('MANDATORY'),
        ['resolved', 50],
        ['other', 2],
        ['test', 1],
        ['gone', 1],
        [TIMEOUT, 100],
      ),
      judgedQueue('Support EN', asked('MANDATORY'), ['resolved', 1200]),
      judgedQueue('Night EN', asked('MANDATORY')),
    ],
    {
      unread: [{ id: 'u', name: 'Retail EN', reason: 'no reach', correlationId: 'c-1' }],
      unmanaged: [{ id: 'm', name: 'Timers only' }],
      failUnder: {
        percent: 90,
        queues: [{ id: 'x', name: 'Réclamations Professionnels – Weekend und Feiertage' }],
      },
      diagnostics: [
        {
          code: 'policy.bypass-advisory',
          severity: 'warning',
          message: 'Told by the report itself.',
          remedy: null,
          file: null,
          line: null,
          column: null,
          queue: null,
        },
        {
          code: 'compliance.under',
          severity: 'error',
          message: 'Surely less than 90 % of the interactions ended as the policies ask.',
          remedy: 'Look at which codes were used, or lower --fail-under.',
          file: null,
          line: null,
          column: null,
          queue: 'Réclamations Professionnels – Weekend und Feiertage',
        },
      ],
    },
  );
