/** The queue as a document: what a full replace resets, what it cannot touch, and what it refuses. */
import type { Models } from 'purecloud-platform-client-v2';
import { PlatformError } from './errors.js';
import type { QueueDocument } from './org.js';
import { asText } from './routing.js';

/** Fields that the server alone sets; in a body they are read over. */
export const SERVER_FIELDS: ReadonlySet<string> = new Set([
  'id',
  'dateCreated',
  'dateModified',
  'modifiedBy',
  'createdBy',
  'memberCount',
  'userMemberCount',
  'joinedMemberCount',
  'selfUri',
]);

const voice = (): Models.MediaSettings => ({
  enableAutoAnswer: false,
  alertingTimeoutSeconds: 8,
  serviceLevel: { percentage: 0.8, durationMs: 20_000 },
});

/** What a queue has where nobody said anything: a PUT that leaves a field out falls back to this. */
export const QUEUE_DEFAULTS = {
  mediaSettings: {
    call: voice(),
    callback: voice(),
    chat: voice(),
    email: voice(),
    message: voice(),
  },
  routingRules: [],
  scoringMethod: 'TimestampAndPriority',
  acwSettings: { wrapupPrompt: 'MANDATORY_TIMEOUT', timeoutMs: 300_000 },
  skillEvaluationMethod: 'ALL',
  autoAnswerOnly: true,
  enableTranscription: false,
  enableAudioMonitoring: false,
  enableManualAssignment: false,
  suppressInQueueCallRecording: true,
  memberGroups: [],
  defaultScripts: {},
} as const satisfies Record<string, unknown>;

const PROMPTS = [
  'MANDATORY',
  'OPTIONAL',
  'MANDATORY_TIMEOUT',
  'MANDATORY_FORCED_TIMEOUT',
  'AGENT_REQUESTED',
];
const TIMED = ['MANDATORY_TIMEOUT', 'MANDATORY_FORCED_TIMEOUT', 'AGENT_REQUESTED'];
const TIMEOUT_MS = { min: 1_000, max: 3_600_000 };

/** After-call work as the platform stores it; refuses an unknown prompt, and a timer out of place or range. */
const acwSettings = (acw: unknown): Models.AcwSettings => {
  if (acw === undefined || acw === null) return QUEUE_DEFAULTS.acwSettings;
  if (typeof acw !== 'object') throw wrong('acwSettings', 'must be an object');
  const { wrapupPrompt, timeoutMs } = acw as Record<string, unknown>;
  const prompt = wrapupPrompt ?? QUEUE_DEFAULTS.acwSettings.wrapupPrompt;
  if (typeof prompt !== 'string' || !PROMPTS.includes(prompt)) {
    throw new PlatformError(
      'invalid.value',
      { value: asText(prompt), field: 'wrapupPrompt', allowed: PROMPTS.join(', ') },
      { details: [{ errorCode: 'invalid.value', fieldName: 'acwSettings.wrapupPrompt' }] },
    );
  }
  if (timeoutMs === undefined || timeoutMs === null) return { wrapupPrompt: prompt };
  if (!TIMED.includes(prompt)) {
    throw wrong('acwSettings.timeoutMs', `cannot be used with the prompt ${prompt}`);
  }
  if (
    typeof timeoutMs !== 'number' ||
    !Number.isInteger(timeoutMs) ||
    timeoutMs < TIMEOUT_MS.min ||
    timeoutMs > TIMEOUT_MS.max
  ) {
    throw wrong('acwSettings.timeoutMs', `must lie from ${TIMEOUT_MS.min} to ${TIMEOUT_MS.max}`);
  }
  return { wrapupPrompt: prompt, timeoutMs };
};

const wrong = (fieldName: string, what: string): PlatformError =>
  new PlatformError(
    'constraint.validation',
    { reason: `${fieldName} ${what}` },
    { details: [{ errorCode: 'constraint.validation', fieldName }] },
  );

/**
 * The writable part of a body, over the defaults. The first conditional-group-routing rule must not
 * name its queue (the vendor's Terraform provider relies on it); the server puts it back when read.
 */
export const writableFields = (
  body: Readonly<Record<string, unknown>>,
): Record<string, unknown> => {
  const rules = rulesOf(body['conditionalGroupRouting']);
  if (rules[0]?.queue !== undefined && rules[0].queue !== null) {
    throw new PlatformError(
      'invalid.rule',
      { reason: 'the first rule of conditionalGroupRouting must not carry a queue' },
      {
        details: [
          { errorCode: 'invalid.rule', fieldName: 'conditionalGroupRouting.rules[0].queue' },
        ],
      },
    );
  }
  const sent = Object.entries(body).filter(
    ([field, value]) => !SERVER_FIELDS.has(field) && value !== null && value !== undefined,
  );
  return {
    ...QUEUE_DEFAULTS,
    ...Object.fromEntries(sent),
    acwSettings: acwSettings(body['acwSettings']),
  };
};

/** The document as it is read: the first conditional-group-routing rule names the queue itself. */
export const withOwnRule = (document: QueueDocument): QueueDocument =>
  withFirstRule(document, (rule) => ({
    ...rule,
    queue: { id: document.id ?? '', selfUri: document.selfUri ?? '' },
  }));

/** The document as another queue can take it over: the first rule names no queue. */
export const withoutOwnRule = (document: QueueDocument): QueueDocument =>
  withFirstRule(document, ({ queue: _own, ...rule }) => rule);

const withFirstRule = (
  document: QueueDocument,
  change: (rule: Models.ConditionalGroupRoutingRule) => Models.ConditionalGroupRoutingRule,
): QueueDocument => {
  const [first, ...others] = rulesOf(document.conditionalGroupRouting);
  if (first === undefined) return document;
  return {
    ...document,
    conditionalGroupRouting: {
      ...document.conditionalGroupRouting,
      rules: [change(first), ...others],
    },
  };
};

const rulesOf = (routing: unknown): readonly Models.ConditionalGroupRoutingRule[] =>
  (routing as Models.ConditionalGroupRouting | null | undefined)?.rules ?? [];
