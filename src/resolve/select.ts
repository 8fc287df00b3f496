/**
 * Which queues a policy selects, and what is wrong with the way it says so.
 *
 * | entry says                          | in the organization                | answer                          |
 * |-------------------------------------|------------------------------------|---------------------------------|
 * | id                                  | no such queue                      | error reference.unknown-queue   |
 * | id and name                         | the id has another name            | error reference.renamed         |
 * | name without `*`                    | no queue of that name              | error reference.unknown-queue   |
 * | name without `*` and division       | the queue is in another division   | error reference.unknown-queue   |
 * | division                            | no such division                   | error reference.unknown-division|
 * | a pattern, or a known division      | nothing matches                    | warning policy.selects-nothing  |
 */
import { hasErrors, problem, warning } from '../domain/diagnostics.js';
import type { Diagnostic } from '../domain/diagnostics.js';
import type { Division, LiveQueue } from '../domain/state.js';
import { closestName, spellInvisible } from '../domain/text.js';
import type { QueuePolicy, QueueSelector } from '../policy/model.js';
import type { QueueLookup } from './model.js';
import { compilePattern } from './pattern.js';
import type { QueueIndex } from './queue-index.js';

export interface Selection {
  readonly queues: ReadonlySet<LiveQueue>;
  readonly diagnostics: readonly Diagnostic[];
  /** What was looked for by its whole name or id and not found. */
  readonly absent: readonly QueueLookup[];
  /** Whether an entry of these is not understood: the policy may select too few queues, or too many. */
  readonly inDoubt: { readonly include: boolean; readonly exclude: boolean };
  /** Queues that an entry of `include` means, under a name or a division that is not theirs any more. */
  readonly misnamed: ReadonlyMap<LiveQueue, Diagnostic>;
}

/** Selects the queues of one policy. Pure; linear in what is selected. */
export const selectQueues = (
  policy: Pick<QueuePolicy, 'include' | 'exclude'>,
  index: QueueIndex,
  divisions: readonly Division[],
): Selection => {
  const included = policy.include.map((entry) => selectEntry(entry, index, divisions));
  const excluded = policy.exclude.map((entry) => selectEntry(entry, index, divisions));
  const queues = new Set(included.flatMap((entry) => entry.queues));
  for (const entry of excluded) for (const queue of entry.queues) queues.delete(queue);
  const all = [...included, ...excluded];
  return {
    queues,
    diagnostics: findings(all),
    absent: all.flatMap((entry) => entry.absent),
    inDoubt: { include: hasErrors(findings(included)), exclude: hasErrors(findings(excluded)) },
    misnamed: new Map(
      included.flatMap(({ misnamed, diagnostics }) =>
        misnamed.flatMap((queue) => diagnostics.map((found) => [queue, found] as const)),
      ),
    ),
  };
};

interface EntrySelection {
  readonly queues: readonly LiveQueue[];
  readonly diagnostics: readonly Diagnostic[];
  readonly absent: readonly QueueLookup[];
  readonly misnamed: readonly LiveQueue[];
}

const findings = (entries: readonly EntrySelection[]): readonly Diagnostic[] =>
  entries.flatMap((entry) => entry.diagnostics);

const selectEntry = (
  entry: QueueSelector,
  index: QueueIndex,
  divisions: readonly Division[],
): EntrySelection => {
  const inDivision = (queue: LiveQueue): boolean =>
    entry.division === null || queue.division.name.normalize('NFC') === entry.division;
  const named = (queue: LiveQueue): boolean =>
    entry.name === null || compilePattern(entry.name).matches(queue.name.normalize('NFC'));

  if (
    entry.division !== null &&
    !divisions.some((division) => division.name.normalize('NFC') === entry.division)
  ) {
    return refuse(unknownDivision(entry.division, entry, divisions));
  }
  if (entry.id !== null) {
    const queue = index.byId(entry.id);
    if (queue === undefined)
      return refuse(unknownId(entry.id, entry), { absent: [{ id: entry.id }] });
    if (!named(queue)) return refuse(renamed(queue, entry), { misnamed: [queue] });
    return inDivision(queue)
      ? accept([queue])
      : refuse(elsewhere(queue, entry), { misnamed: [queue] });
  }
  const candidates =
    entry.name === null ? index.inDivision(entry.division ?? '') : index.named(entry.name);
  const queues = entry.division === null ? candidates : candidates.filter(inDivision);
  if (queues.length > 0) return accept(queues);

  const literal = entry.name === null ? null : compilePattern(entry.name).literal;
  if (literal === null) return refuse(selectsNothing(entry));
  const [other] = candidates;
  return other === undefined
    ? refuse(unknownName(literal, entry, index), { absent: [{ name: literal }] })
    : refuse(elsewhere(other, entry), { misnamed: candidates });
};

const accept = (queues: readonly LiveQueue[]): EntrySelection => ({
  queues,
  diagnostics: [],
  absent: [],
  misnamed: [],
});

const refuse = (
  diagnostic: Diagnostic,
  rest: Partial<Pick<EntrySelection, 'absent' | 'misnamed'>> = {},
): EntrySelection => ({
  queues: [],
  diagnostics: [diagnostic],
  absent: [],
  misnamed: [],
  ...rest,
});

const unknownName = (name: string, entry: QueueSelector, index: QueueIndex): Diagnostic => {
  const closest = closestName(name, [...index.names()]);
  return problem({
    code: 'reference.unknown-queue',
    message: `No queue is named "${spellInvisible(name)}".`,
    remedy:
      closest === null
        ? 'Check the spelling (case counts) and that the OAuth client may read the division of the queue.'
        : `Did you mean "${spellInvisible(closest)}"? Otherwise check that the OAuth client may read the division of the queue.`,
    span: entry.from.span,
  });
};

const unknownId = (id: string, entry: QueueSelector): Diagnostic =>
  problem({
    code: 'reference.unknown-queue',
    message: `No queue has the id ${id}${entry.name === null ? '' : ` (here called "${entry.name}")`}.`,
    remedy:
      'It may have been deleted: delete the entry, or write the id or the name of the queue that took its place.',
    span: entry.from.span,
  });

const renamed = (queue: LiveQueue, entry: QueueSelector): Diagnostic =>
  problem({
    code: 'reference.renamed',
    message: `The queue ${queue.id} is named "${spellInvisible(queue.name)}", not "${spellInvisible(entry.name ?? '')}".`,
    remedy: `If it is still the one that is meant, write \`name: "${queue.name}"\`.`,
    span: entry.from.span,
    queue: queue.name,
  });

const elsewhere = (queue: LiveQueue, entry: QueueSelector): Diagnostic =>
  problem({
    code: 'reference.unknown-queue',
    message: `The queue "${spellInvisible(queue.name)}" is in the division "${queue.division.name}", not in "${entry.division ?? ''}".`,
    remedy: 'Mend the division, or leave it out: the keys of one entry must all hold.',
    span: entry.from.span,
    queue: queue.name,
  });

const unknownDivision = (
  name: string,
  entry: QueueSelector,
  divisions: readonly Division[],
): Diagnostic => {
  const closest = closestName(
    name,
    divisions.map((division) => division.name),
  );
  return problem({
    code: 'reference.unknown-division',
    message: `No division is named "${spellInvisible(name)}".`,
    remedy: closest === null ? 'Check the spelling; case counts.' : `Did you mean "${closest}"?`,
    span: entry.from.span,
  });
};

const selectsNothing = (entry: QueueSelector): Diagnostic => {
  const pattern = entry.name === null ? '' : `"${spellInvisible(entry.name)}"`;
  const division = entry.division === null ? '' : `the division "${entry.division}"`;
  const what = [pattern, division].filter((part) => part !== '').join(' in ');
  return warning({
    code: 'policy.selects-nothing',
    message: `No queue matches ${what}.`,
    remedy: 'Check the spelling (case counts), or delete the entry.',
    span: entry.from.span,
  });
};
