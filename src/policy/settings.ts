/** How the tool runs, with every default filled in. What people write is in `settings-schema.ts`. */
import type { Api } from '../domain/requirement.js';
import type { QueueSelector, Suspension } from './model.js';

/** A secret by reference: an environment variable or a file. The text itself never enters the core. */
export type SecretReference = { readonly env: string } | { readonly file: string };

export interface PercentGuard {
  readonly percent: number;
  readonly count: number;
  /** Up to this number the percentage is not looked at. */
  readonly floor: number;
}

export interface Guards {
  readonly queuesChanged: PercentGuard;
  readonly codesRemoved: PercentGuard;
  readonly codesRemovedPerQueue: Omit<PercentGuard, 'count'>;
  readonly codesPerQueue: number;
}

export interface ChangeWindow {
  readonly kind: 'allow' | 'deny';
  /** A cron expression of five fields: when it opens. */
  readonly schedule: string;
  readonly durationMs: number;
  /** An IANA time zone. */
  readonly timeZone: string;
  /** The queues it holds for; empty means all. */
  readonly queues: readonly QueueSelector[];
}

export interface Webhook {
  readonly name: string;
  readonly url: string;
  readonly secrets: readonly SecretReference[];
  readonly events: readonly string[];
  readonly allowPrivateNetwork: boolean;
}

export interface DaemonSettings {
  readonly intervalMs: number;
  readonly sweepIntervalMs: number;
  readonly verifyCommits: 'off' | 'signed';
  readonly listen: string;
  readonly apiToken: SecretReference | null;
  readonly gitSecret: SecretReference | null;
  readonly inboundSecrets: readonly SecretReference[];
  readonly flap: { readonly reversals: number; readonly withinMs: number };
}

export interface Settings {
  readonly organizationId: string | null;
  /** A region such as `us-east-1` or its domain; null where only the environment says it. */
  readonly region: string | null;
  readonly policies: readonly string[];
  readonly api: Api;
  readonly suspend: Suspension | null;
  readonly limits: { readonly requestsPerMinute: number; readonly concurrency: number };
  readonly guards: Guards;
  readonly activity: { readonly maxInteracting: number; readonly onBusy: 'hold' | 'ignore' };
  readonly changeWindows: readonly ChangeWindow[];
  readonly journal: {
    readonly store: { readonly folder: string } | { readonly branch: string };
    /** Milliseconds, or null for ever. */
    readonly keepMs: number | null;
  };
  readonly settleForMs: number;
  readonly webhooks: readonly Webhook[];
  readonly daemon: DaemonSettings;
}
