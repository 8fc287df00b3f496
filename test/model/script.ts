/** What a case does: a world, a platform with its undocumented answers, settings, and runs with what goes wrong in them. */
import type { GuardAllowance, Provenance } from '../../src/policy/model.js';
import type { Guards, Settings } from '../../src/policy/settings.js';
import { at } from '../support/policy-set.js';
import type { World } from './world.js';

/** A request of the client, by what it is for. */
export type Endpoint =
  | 'login'
  | 'organization'
  | 'list-queues'
  | 'list-codes'
  | 'list-divisions'
  | 'observe'
  | 'read-queue'
  | 'read-codes'
  | 'read-code'
  | 'ask-audits'
  | 'add-codes'
  | 'set-work'
  | 'remove-code'
  | 'create-code'
  | 'rename-code';

/** Something that an administrator does, or callers do; names are those that the case began with. */
export type Edit =
  | { readonly do: 'add-code' | 'remove-code'; readonly queue: string; readonly code: string }
  | { readonly do: 'set-work'; readonly queue: string; readonly prompt: string }
  | { readonly do: 'describe' | 'rename-queue' | 'delete-queue'; readonly queue: string }
  | { readonly do: 'call'; readonly queue: string; readonly interacting: number }
  | { readonly do: 'create-code' | 'rename-code' | 'delete-code'; readonly code: string }
  /** One queue, or code, leaves at the front of the list and another comes at its end. */
  | { readonly do: 'shift-queues' | 'shift-codes' };

/** One thing that goes wrong. */
export type Fault =
  | {
      readonly kind: 'error';
      readonly status: number;
      readonly retryAfterSeconds?: number;
      readonly when: 'before' | 'after';
    }
  | { readonly kind: 'html'; readonly status: number; readonly when: 'before' | 'after' }
  | { readonly kind: 'cut'; readonly when: 'before' | 'after' | 'midway' }
  | { readonly kind: 'slow'; readonly ms: number; readonly when: 'before' | 'after' }
  | { readonly kind: 'lag'; readonly ms: number }
  | { readonly kind: 'lag'; readonly reads: number }
  | { readonly kind: 'tear'; readonly how: 'missing' | 'duplicate' | 'total' | 'empty' }
  | { readonly kind: 'edit'; readonly edit: Edit; readonly when: 'before' | 'after' }
  /** Every token ends. */
  | { readonly kind: 'expire' }
  /** The client is gone (SIGKILL); what it had sent is taken or lost. */
  | { readonly kind: 'kill'; readonly taken: boolean }
  /** The client is asked to stop (Ctrl-C). */
  | { readonly kind: 'stop' };

/** Which requests a fault strikes: so many of these, after so many that pass. */
export interface Trouble {
  readonly on: Endpoint | 'read' | 'write' | 'any';
  /** A queue's name in the case, or null for any. */
  readonly queue: string | null;
  readonly skip: number;
  /** null: all that follow. */
  readonly times: number | null;
  readonly fault: Fault;
}

export interface HostileRun {
  /** How long after the last one, in milliseconds. */
  readonly pauseMs: number;
  /** What was edited meanwhile. */
  readonly edits: readonly Edit[];
  readonly troubles: readonly Trouble[];
  /** Which plan the guards are lifted for: the one that somebody saw last, another, or none. */
  readonly accept: 'none' | 'last' | 'other';
}

export interface Platform {
  readonly onPresent: 'ok' | 'refuse' | 'conflict';
  readonly onAbsent: 'ok' | 'not-found';
  readonly movesDateModified: boolean;
  /** The largest page, and whether a larger one is cut down or refused. */
  readonly pages: { readonly max: number; readonly over: 'clamp' | 'refuse' };
  readonly tokenTtlSeconds: number;
  /** Per minute on queue endpoints, whichever token asks; null is none. */
  readonly queueRequestsPerOrg: number | null;
  /** Queues whose every PUT is refused because of somebody else's stale reference. */
  readonly staleQueues: readonly string[];
}

/** A change window that opens with every minute of the hour that a number divides. */
export interface ScriptedWindow {
  readonly kind: 'allow' | 'deny';
  readonly everyMinutes: number;
  readonly durationMs: number;
  /** Begins the names of the queues that it holds for; empty: it holds for all. */
  readonly queues: string;
}

export interface Rules {
  readonly guards: Guards;
  readonly allows: GuardAllowance['allows'];
  readonly windows: readonly ScriptedWindow[];
  readonly activity: Settings['activity'];
}

export interface Script {
  readonly world: World;
  readonly platform: Platform;
  readonly limits: { readonly requestsPerMinute: number; readonly concurrency: number };
  readonly rules: Rules;
  readonly runs: readonly HostileRun[];
}

/** How long reads are allowed to lag a write (`settleFor`), and how long they do at most, in milliseconds. */
export const SETTLE_FOR_MS = 10_000;
/** The client's own time-out, in milliseconds. */
export const TIMEOUT_MS = 30_000;
/** How long the client asks who changed the queues that it found stale, in milliseconds. */
export const AUDITS_MS = 5_000;

/** A script as one line of JSON: a place in a policy is written `@policy:line`. */
export const printScript = (script: Script): string =>
  JSON.stringify(script, (key, value: unknown) =>
    key === 'from' && isPlace(value) ? `@${value.policy}:${value.span.line}` : value,
  );

/** What {@link printScript} has printed. */
export const parseScript = (text: string): Script =>
  JSON.parse(text, (key, value: unknown) => {
    const [, policy, line] = (key === 'from' && PLACE.exec(String(value))) || [];
    return policy === undefined ? value : at(policy, Number(line));
  }) as Script;

const PLACE = /^@(.*):(\d+)$/;

const isPlace = (value: unknown): value is Provenance =>
  typeof value === 'object' && value !== null && 'span' in value;
