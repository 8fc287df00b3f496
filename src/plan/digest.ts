/** Digests: SHA-256 over RFC 8785 JSON, so that equal content has equal digests on every machine. */
import { createHash, createHmac } from 'node:crypto';
import canonicalizeModule from 'canonicalize';
import { PLAN_FORMAT } from '../domain/change.js';
import type { CatalogChanges, Plan, QueueChange, WrapupCodesChange } from '../domain/change.js';
import type { CodeId } from '../domain/ids.js';
import type { Requirement } from '../domain/requirement.js';
import type { Secret } from '../domain/secret.js';
import type { LiveAfterCallWork, QueueCode } from '../domain/state.js';
import { effectiveAfterCallWork } from '../diff/after-call-work.js';
import { inScope } from '../diff/wrapup-codes.js';
import type { CodeScope } from '../diff/wrapup-codes.js';
import type { PolicySet } from '../policy/model.js';

// The package is CommonJS with an ES-module type: under nodenext its function is the module itself.
const canonicalize = canonicalizeModule as unknown as (value: unknown) => string | undefined;

/** `sha256:…` of a JSON value. */
export const digestOf = (value: unknown): string =>
  `sha256:${createHash('sha256').update(canonical(value)).digest('hex')}`;

const canonical = (value: unknown): string => canonicalize(value) ?? 'null';

/** The managed fields of a queue, as they were read: what must not have moved when a plan is applied. */
export const liveDigest = (managed: {
  /** null where no policy manages it. */
  readonly afterCallWork: LiveAfterCallWork | null;
  readonly codes: { readonly live: readonly QueueCode[]; readonly scope: CodeScope } | null;
}): string => {
  const { afterCallWork, codes } = managed;
  return digestOf({
    afterCallWork: afterCallWork === null ? null : effectiveAfterCallWork(afterCallWork),
    codes: codes === null ? null : scopedCodes(codes.live, codes.scope),
  });
};

/** The managed codes among these, sorted: their ids, and their rows where the API tells them. */
const scopedCodes = (
  codes: readonly QueueCode[],
  scope: CodeScope,
): readonly (CodeId | { readonly id: CodeId; readonly requirement: Requirement | null })[] =>
  codes
    .filter(({ id }) => inScope(scope, id))
    .sort((a, b) => (a.id < b.id ? -1 : 1))
    .map(({ id, requirement }) => (requirement === undefined ? id : { id, requirement }));

/**
 * The digest of a plan: what would be written, and onto what. Names of policies and files, causes and
 * dates are not part of it, so that renaming a file does not change what was reviewed; nor is the number
 * of codes that a queue keeps, because codes that nobody manages may come and go.
 */
export const planDigest = (content: {
  readonly organizationId: string;
  readonly api: Plan['api'];
  readonly catalog: CatalogChanges;
  readonly changes: readonly QueueChange[];
}): string =>
  digestOf({
    formatVersion: PLAN_FORMAT,
    organization: content.organizationId,
    api: content.api,
    catalog: content.catalog,
    queues: content.changes
      .map(({ id, liveDigest: live, afterCallWork, wrapupCodes }) => ({
        id,
        liveDigest: live,
        ...(afterCallWork === undefined ? {} : { afterCallWork }),
        ...(wrapupCodes === undefined ? {} : { wrapupCodes: withoutCount(wrapupCodes) }),
      }))
      .sort((a, b) => (a.id < b.id ? -1 : 1)),
  });

const withoutCount = ({
  unchanged: _unchanged,
  ...changed
}: WrapupCodesChange): Omit<WrapupCodesChange, 'unchanged'> => changed;

/**
 * The seal of a plan, over everything but itself: `sha256:…`, which tells an accident, or with a key
 * `hmac-sha256:…`, which tells a forgery too.
 */
export const sealOf = (plan: Omit<Plan, 'seal'>, key: Secret | null = null): string =>
  sealOfAny(plan, key);

/** The same over anything else that nobody is to change. */
export const sealOfAny = (content: unknown, key: Secret | null): string =>
  key === null
    ? digestOf(content)
    : `hmac-sha256:${createHmac('sha256', key.reveal()).update(canonical(content)).digest('hex')}`;

/**
 * The digest of what the policies say, whatever files they stand in: places are left out, and the order
 * of documents does not count.
 */
export const policiesDigest = (set: PolicySet): string => {
  const plain = (
    documents: readonly { readonly kind: string; readonly name: string }[],
  ): unknown[] =>
    [...documents]
      .sort((a, b) => (`${a.kind} ${a.name}` < `${b.kind} ${b.name}` ? -1 : 1))
      .map((document): unknown =>
        JSON.parse(
          JSON.stringify(document, (key, value: unknown) =>
            key === 'from' && isProvenance(value) ? undefined : value,
          ),
        ),
      );
  return digestOf(plain([...set.policies, ...set.catalogs, ...set.allowances]));
};

/** `from` is a provenance in policies, and an instant in an `active` period. */
const isProvenance = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && 'span' in value;
