/** The first words of the page: whether everything is all right. */
import { count } from '../../report/words.js';
import { cut } from '../../domain/text.js';
import type { DaemonStatus, QueueState } from '../status.js';

/** The states that are not as the policies want it, the worst first. */
export const UNWANTED_STATES = ['failing', 'drifting', 'held'] as const satisfies QueueState[];

/** How many queues are governed. */
export const governedQueues = ({ queues }: Pick<DaemonStatus, 'queues'>): number =>
  queues['in-sync'] + queues.drifting + queues.held + queues.failing;

const VERBS = {
  failing: ['fails', 'fail'],
  drifting: ['drifts', 'drift'],
  held: ['is held', 'are held'],
} as const satisfies Record<(typeof UNWANTED_STATES)[number], readonly [string, string]>;

/**
 * The state of a daemon in one sentence. What makes the numbers of queues doubtful comes before them: a daemon that is
 * not ready, or passes that fail.
 *
 * @example headlineOf(status) // '1 queue fails, 2 drift, 1 is held.'
 */
export const headlineOf = (status: DaemonStatus): string => {
  if (!status.ready) {
    const why = cut((status.notReady ?? '').replace(/[\s.]+$/, ''), 240);
    return why === '' ? 'Not ready.' : `Not ready: ${why}.`;
  }
  const failures = status.consecutiveFailures;
  if (failures > 0)
    return failures === 1 ? 'The last pass failed.' : `The last ${failures} passes failed.`;
  return queuesSentence(status);
};

/** How the queues are, in one sentence. */
export const queuesSentence = (
  status: Pick<DaemonStatus, 'queues' | 'source' | 'lastPass'>,
): string => {
  const all = governedQueues(status);
  if (all === 0) {
    if (status.source.accepted === null)
      return 'No policies were accepted yet, and nothing is enforced.';
    return status.lastPass === null
      ? 'No queue was read yet.'
      : 'No queue is governed by a policy.';
  }
  const parts = UNWANTED_STATES.filter((state) => status.queues[state] > 0).map((state, index) => {
    const number = status.queues[state];
    const verb = VERBS[state][number === 1 ? 0 : 1];
    return `${index === 0 ? count(number, 'queue') : number} ${verb}`;
  });
  if (parts.length > 0) return `${parts.join(', ')}.`;
  const policies = isBehind(status) ? 'the policies accepted last want' : 'the policies want';
  return all === 1
    ? `The only queue is as ${policies} it.`
    : `All ${all} queues are as ${policies} them.`;
};

/** Whether the repository may say something else than what is enforced. */
const isBehind = ({ source }: Pick<DaemonStatus, 'source'>): boolean =>
  source.state !== 'following' && source.state !== 'waiting';

/**
 * | verdict    | means                                             |
 * |------------|---------------------------------------------------|
 * | `well`     | nobody needs to do anything                       |
 * | `look`     | something is not as wanted, and may mend by itself |
 * | `act`      | it stays as it is until a person does something   |
 * | `starting` | the first pass is not over                        |
 */
export type Verdict = 'well' | 'look' | 'act' | 'starting';

/** The verdict in words; no reader depends on its colour. */
export const VERDICT_WORDS = {
  well: 'All is well',
  look: 'Worth a look',
  act: 'Needs a person',
  starting: 'Starting',
} as const satisfies Record<Verdict, string>;

/** What to think of a daemon, given the levels of its notices. */
export const verdictOf = (status: DaemonStatus, levels: readonly ('act' | 'know')[]): Verdict => {
  if (levels.includes('act') || status.queues.failing > 0) return 'act';
  if (!status.ready) return status.lastPass === null ? 'starting' : 'act';
  const unwanted = UNWANTED_STATES.some((state) => status.queues[state] > 0);
  return unwanted || levels.length > 0 ? 'look' : 'well';
};
