/**
 * Policies × organization → desired state, queue by queue.
 *
 * References are resolved once a policy, selectors once an entry, and the merge once for every set of
 * policies that governs a queue, so that the work grows with queues + policies and not with their product.
 */
import { asWarning, byPlace, distinctFindings, problem } from '../domain/diagnostics.js';
import type { Diagnostic } from '../domain/diagnostics.js';
import type { CodeId } from '../domain/ids.js';
import type { Inventory, LiveQueue } from '../domain/state.js';
import { quoteFew } from '../domain/text.js';
import { isUnmanaged } from '../policy/model.js';
import type { CodeReference, PolicySet, Provenance, QueuePolicy } from '../policy/model.js';
import type { Settings } from '../policy/settings.js';
import { CodeIndex } from './code-index.js';
import type { KnownCode } from './code-index.js';
import { listedIds, mergeGroup } from './group.js';
import type { GoverningPolicy, GroupContext } from './group.js';
import { hold, SECTIONS } from './holds.js';
import type { Listing, ResolvedPolicy } from './merge.js';
import type { DesiredQueue, DesiredState, SectionHold } from './model.js';
import { append } from './multimap.js';
import { nextBoundary, phaseAt } from './periods.js';
import { QueueIndex } from './queue-index.js';
import { selectQueues } from './select.js';
import { selectWindows } from './windows.js';

export interface ResolveInput {
  readonly policySet: PolicySet;
  readonly inventory: Pick<Inventory, 'queues' | 'codes' | 'divisions'>;
  readonly settings: Pick<Settings, 'api' | 'suspend' | 'changeWindows'>;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** Resolves what the policies want of every queue that they govern. Never throws on bad input: it tells. */
export const resolveDesired = (input: ResolveInput): DesiredState => {
  const { policySet, inventory, settings, now } = input;
  const queues = new QueueIndex(inventory.queues);
  const codes = new CodeIndex(policySet.catalogs, inventory.codes, inventory.divisions);
  const windows = selectWindows(settings.changeWindows, queues, inventory.divisions);
  const diagnostics: Diagnostic[] = [...codes.diagnostics, ...windows.diagnostics];
  const absentQueues: DesiredState['absent']['queues'][number][] = [...windows.absent];

  const governing = new Map<LiveQueue, PolicyGroup>();
  const unsure = new Set<CodeId>();
  const misnamed = new Map<LiveQueue, SectionHold[]>();
  for (const policy of [...policySet.policies].sort(byPrecedence)) {
    const phase = phaseAt(policy, now);
    if (phase === 'absent') continue;
    const resolved = resolveReferences(policy, phase, codes, diagnostics);
    const selection = selectQueues(policy, queues, inventory.divisions);
    const { inDoubt } = selection;
    absentQueues.push(...selection.absent);
    if (phase === 'ended') {
      // Nobody has to mend the spelling in a policy that has ended, but in doubt it removes nothing.
      if (resolved.listed.length === 0) continue;
      if (inDoubt.exclude) {
        diagnostics.push(...selection.diagnostics.map(asWarning));
        continue;
      }
    } else {
      diagnostics.push(...selection.diagnostics);
      if (inDoubt.include) for (const id of listedIds([resolved])) unsure.add(id);
      if (policy.enforcement === 'enforce') {
        for (const [queue, { message }] of selection.misnamed)
          for (const held of hold('unresolved', SECTIONS, message)) append(misnamed, queue, held);
      }
    }
    govern(governing, selection.queues, { ...resolved, selectsTooMuch: inDoubt.exclude });
  }

  const context: GroupContext = {
    retired: new Map(
      [...codes.retired].map(([id, entry]) => [id, { name: entry.name, from: entry.from }]),
    ),
    unsure,
    settings,
    now,
  };
  const groups = new Map<PolicyGroup, QueueGroup>();
  const desired: DesiredQueue[] = [];
  for (const [queue, policies] of governing) {
    const group = groups.get(policies) ?? { ...mergeGroup(policies, context), queues: [] };
    groups.set(policies, group);
    group.queues.push(queue.name);
    const holds = [...group.wanted.holds, ...(misnamed.get(queue) ?? [])];
    desired.push({ queue, ...group.wanted, holds });
  }

  return {
    queues: desired,
    catalog: { create: codes.create, rename: codes.rename },
    changeWindows: windows.windows,
    diagnostics: distinctFindings([...diagnostics, ...groupFindings(groups.values())]).sort(
      byPlace,
    ),
    absent: { queues: absentQueues, codes: codes.absent },
    nextBoundaryAt: nextBoundary(policySet.policies, settings, now),
  };
};

/** Policies that govern a queue, the highest priority first: one object for all queues under the same ones. */
type PolicyGroup = readonly GoverningPolicy[];

/** Puts a policy behind those that govern these queues already. Queues of one group go on to one group. */
const govern = (
  governing: Map<LiveQueue, PolicyGroup>,
  queues: ReadonlySet<LiveQueue>,
  policy: GoverningPolicy,
): void => {
  const successors = new Map<PolicyGroup | undefined, PolicyGroup>();
  for (const queue of queues) {
    const group = governing.get(queue);
    const next = successors.get(group) ?? [...(group ?? []), policy];
    successors.set(group, next);
    governing.set(queue, next);
  }
};

/** The highest priority first, then by name. */
export const byPrecedence = (a: QueuePolicy, b: QueuePolicy): number =>
  b.priority - a.priority || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);

/** Resolves the codes of one policy; what cannot be resolved is told to `diagnostics`. */
export const resolveReferences = (
  policy: QueuePolicy,
  phase: 'active' | 'ended',
  codes: CodeIndex,
  diagnostics: Diagnostic[],
): ResolvedPolicy => {
  const rule = policy.wrapupCodes;
  if (rule === null || isUnmanaged(rule))
    return { policy, phase, listed: [], forbidden: [], unresolved: null };
  let unresolved: string | null = null;
  const refuse = (diagnostic: Diagnostic): void => {
    diagnostics.push(diagnostic);
    unresolved ??= diagnostic.message;
  };
  const find = (reference: CodeReference, list: 'codes' | 'forbidden'): readonly KnownCode[] => {
    const answer = codes.find(reference);
    if (answer.kind === 'known') return [answer.code];
    // A policy that has ended wants nothing any more: an unknown code is one that is gone already.
    if (phase === 'ended') return [];
    if (answer.kind === 'unknown') refuse(answer.diagnostic);
    else if (list === 'codes') unresolved ??= answer.reason;
    return [];
  };
  const listed = rule.codes.flatMap((entry) =>
    find(entry, 'codes').map((code): Listing => {
      const retired = code.id === null ? undefined : codes.retired.get(code.id);
      if (retired !== undefined && phase === 'active')
        refuse(retiredButListed(code, entry.from, retired.from));
      const { requirement, from } = entry;
      const wanted = { id: code.id, name: code.name, requirement, from: [from] };
      return { key: code.key, priority: policy.priority, from, wanted };
    }),
  );
  const forbidden = rule.forbidden.flatMap((entry) =>
    find(entry, 'forbidden').map((code) => ({ code, from: entry.from })),
  );
  return { policy, phase, listed, forbidden, unresolved };
};

const retiredButListed = (code: KnownCode, listed: Provenance, retired: Provenance): Diagnostic =>
  problem({
    code: 'catalog.retired-listed',
    message: `"${code.name}" is retired by the catalog and listed by "${listed.policy}".`,
    span: listed.span,
    related: [{ message: 'It is retired here', span: retired.span }],
    remedy: 'Delete it from the policy, or take `retired` off.',
  });

/** The queues under one set of policies, by name, and what their merge came to. */
type QueueGroup = ReturnType<typeof mergeGroup> & { readonly queues: string[] };

/** What was found in merges, once for all groups. An error tells the queues that it stops. */
const groupFindings = (groups: Iterable<QueueGroup>): readonly Diagnostic[] => {
  const queuesOf = new Map<string, { readonly found: Diagnostic; readonly queues: string[] }>();
  for (const { diagnostics, queues } of groups) {
    for (const found of distinctFindings(diagnostics)) {
      const key = JSON.stringify([found.code, found.message, found.span]);
      const all = queuesOf.get(key);
      if (all === undefined) queuesOf.set(key, { found, queues: [...queues] });
      else all.queues.push(...queues);
    }
  }
  return [...queuesOf.values()].map(({ found, queues }) => {
    const [queue, ...others] = queues.sort();
    if (queue === undefined || others.length === 0) return { ...found, queue: queue ?? null };
    if (found.severity === 'warning') return found;
    const where = `On ${queues.length} queues: ${quoteFew(queues)}.`;
    return { ...found, message: `${found.message} ${where}` };
  });
};
