/** What happened in a case, as the simulator saw it: the evidence that promises are judged by. */
import type { ApplyReport, Plan } from '../../src/domain/change.js';
import type { JournalRecord } from '../../src/domain/journal.js';
import type { LoggedRequest } from '../../src/simulator/request-log.js';
import type { Edit, Endpoint, Script } from './script.js';
import type { Moment } from './traffic.js';

/** The part of a queue that promises are about. */
export interface QueueState {
  readonly prompt: string | null;
  readonly timeoutMs: number | null;
  /** Ids. */
  readonly codes: ReadonlySet<string>;
  /** All fields. */
  readonly document: Readonly<Record<string, unknown>>;
}

/** The queues by id. */
export type OrgState = ReadonlyMap<string, QueueState>;

/** One request, from its arrival to its end. */
export interface Sent {
  readonly kind: 'request';
  readonly endpoint: Endpoint;
  readonly run: number;
  readonly queue: string | null;
  /** The code that a DELETE names. */
  readonly code: string | null;
  readonly arrived: Moment;
  readonly handled: Moment | null;
  readonly ended: Moment | null;
  /** Whether the client had a whole answer. */
  readonly isAnswered: boolean;
  readonly log: LoggedRequest;
  /** Its queue once it took effect. */
  readonly after: QueueState | null;
}

/** An edit of an administrator that changed something. */
export interface Edited {
  readonly kind: 'edit';
  readonly run: number;
  readonly edit: Edit;
  readonly handled: Moment;
  /** The queues that it changed, by id, with what they became; null where it is gone. */
  readonly queues: ReadonlyMap<string, QueueState | null>;
}

/** How a run ended. */
export type Ending =
  | { readonly kind: 'done'; readonly plan: Plan; readonly report: ApplyReport | null }
  | { readonly kind: 'killed' }
  | { readonly kind: 'threw'; readonly error: unknown };

export interface Run {
  readonly index: number;
  /**
   * `rehearsal`: a plan before anything happened. `review`: one after the storm, where guards may refuse it.
   * `calm`: an apply after that, which ignores the windows. `check`: a plan in the end.
   */
  readonly kind: 'rehearsal' | 'hostile' | 'review' | 'calm' | 'check';
  readonly began: Moment;
  /** When the plan was made and the first write could follow; null where it did not come to that. */
  readonly planned: Moment | null;
  /** As it ended, or as it was approved by who was killed after that. */
  readonly plan: Plan | null;
  /** The digest for which the guards were lifted, or null. */
  readonly accepted: string | null;
  readonly ignoresWindows: boolean;
  /** When each queue was begun, and when it was done with, by id. */
  readonly started: ReadonlyMap<string, Moment>;
  readonly finished: ReadonlyMap<string, Moment>;
  readonly ended: Moment;
  /** When it was asked to stop. */
  readonly stopped: Moment | null;
  readonly ending: Ending;
  /** The organization when it began and when it ended. */
  readonly before: OrgState;
  readonly after: OrgState;
}

export interface Trace {
  readonly script: Script;
  readonly runs: readonly Run[];
  /** In order of arrival. */
  readonly requests: readonly Sent[];
  readonly edits: readonly Edited[];
  /** Ids of codes by their names, as both are in the end. */
  readonly codeIds: ReadonlyMap<string, string>;
  /** What all runs have written down. */
  readonly journal: readonly JournalRecord[];
}

export const WRITES: ReadonlySet<Endpoint> = new Set<Endpoint>([
  'add-codes',
  'set-work',
  'remove-code',
  'create-code',
  'rename-code',
]);

const QUEUE = '/api/v2/routing/queues/{queueId}';
const CODES = '/api/v2/routing/wrapupcodes';

/** Every endpoint that the client has a use for. */
const ENDPOINTS: Readonly<Record<string, Endpoint>> = {
  'POST /oauth/token': 'login',
  'GET /api/v2/organizations/me': 'organization',
  'GET /api/v2/routing/queues': 'list-queues',
  [`GET ${CODES}`]: 'list-codes',
  'GET /api/v2/authorization/divisions': 'list-divisions',
  'POST /api/v2/analytics/queues/observations/query': 'observe',
  [`GET ${QUEUE}`]: 'read-queue',
  [`GET ${QUEUE}/wrapupcodes`]: 'read-codes',
  [`GET ${CODES}/{codeId}`]: 'read-code',
  'POST /api/v2/audits/query/realtime': 'ask-audits',
  'POST /api/v2/audits/query': 'ask-audits',
  'GET /api/v2/audits/query/{transactionId}': 'ask-audits',
  'GET /api/v2/audits/query/{transactionId}/results': 'ask-audits',
  [`POST ${QUEUE}/wrapupcodes`]: 'add-codes',
  [`PUT ${QUEUE}`]: 'set-work',
  [`DELETE ${QUEUE}/wrapupcodes/{codeId}`]: 'remove-code',
  [`POST ${CODES}`]: 'create-code',
  [`PUT ${CODES}/{codeId}`]: 'rename-code',
};

/** What a request is for; an Error for one that the client must never send. */
export const endpointOf = (method: string, route: string | null): Endpoint => {
  const endpoint = ENDPOINTS[`${method} ${route ?? ''}`];
  if (endpoint === undefined) throw new Error(`nobody should send ${method} ${route ?? ''}`);
  return endpoint;
};

/** The queue's id in a path, and after it the code's. */
export const idsIn = (
  path: string,
): { readonly queue: string | null; readonly code: string | null } => {
  const [, queue = null, code = null] =
    /^\/api\/v2\/routing\/queues\/([^/]+)(?:\/wrapupcodes\/([^/]+))?/.exec(path) ?? [];
  return { queue, code };
};
