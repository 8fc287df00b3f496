/** What a simulator can be told at its start. Everything has a default. */
import type { Grant } from './access.js';
import type { Admin } from './admin.js';
import type { AggregateOptions } from './analytics-routes.js';
import type { AuditOptions } from './audit-routes.js';
import type { SimulatorClock } from './clock.js';
import type { AssignmentRules } from './assignment-changes.js';
import type { FaultRule } from './faults.js';
import type { LimitOptions } from './limits.js';
import type { PageCap } from './paging.js';
import type { SimulatorSize } from './generate.js';
import type { SimulatorSeed } from './seed.js';

/** An OAuth client; a plain id and secret give it every permission in every division. */
interface ClientOptions {
  readonly id: string;
  readonly secret: string;
  readonly name?: string;
  readonly grants?: readonly Grant[];
}

/** How large pages can be; default 500 each, more is clamped. */
interface PageCapOptions {
  readonly queues?: PageCap;
  readonly codes?: PageCap;
  readonly queueCodes?: PageCap;
}

/** The options. */
export interface SimulatorOptions {
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** Default 0, any free port. */
  readonly port?: number;
  /** What the org starts with, written out … */
  readonly seed?: SimulatorSeed;
  /** … or generated in this size, where there is no `seed`. Default: 25 queues. */
  readonly size?: SimulatorSize;
  /** The public contract (default), or the one of the tutorial's gateway. */
  readonly api?: 'public' | 'wrapupcodes-put';
  /** Default: one client `demo` with the secret `demo`. The first is the simulator's `clientId`. */
  readonly clients?: readonly ClientOptions[];
  readonly tokenTtlSeconds?: number;
  readonly limits?: LimitOptions;
  readonly pageCaps?: PageCapOptions;
  /** How adding a present code, removing an absent one and a full queue are answered. Default: ok, ok, no cap. */
  readonly assignments?: Partial<AssignmentRules>;
  readonly audits?: AuditOptions;
  readonly aggregates?: AggregateOptions;
  /** Added to every answer. */
  readonly latencyMs?: number;
  readonly faults?: readonly FaultRule<Admin>[];
  readonly clock?: SimulatorClock;
  /** How many requests the log keeps. Default 20,000. */
  readonly logLimit?: number;
}
