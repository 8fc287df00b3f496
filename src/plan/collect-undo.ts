/** What a run has changed, collected from its records in the journal. */
import type { ChangedSections, CodeRename, Undo, UndoneQueue } from '../domain/change.js';
import type {
  CodeOutcome,
  CodeSettled,
  JournalRecord,
  QueueOutcome,
  QueueSettled,
} from '../domain/journal.js';
import type { QueueSnapshot } from '../domain/state.js';

export interface CollectedUndo {
  readonly undo: Undo;
  /** Whether the journal has any record of the run. */
  readonly isKnown: boolean;
  /** Names of queues that the run left halfway, or nobody knows how: they are not undone. */
  readonly halfway: readonly string[];
  /** Names of codes that it created: they stay. */
  readonly created: readonly string[];
}

/**
 * Takes the records of a journal, in order, and keeps what one run has done: its own outcomes, and what was found
 * out later about what it could not tell.
 */
export class UndoCollector {
  readonly #run: string;
  readonly #changes = new Map<number, ChangedSections>();
  readonly #queues = new Map<string, UndoneQueue>();
  readonly #halfway = new Map<string, string>();
  readonly #renames = new Map<string, CodeRename>();
  readonly #created = new Set<string>();
  #isKnown = false;

  constructor(run: string) {
    this.#run = run;
  }

  take(record: JournalRecord): void {
    if (!('run' in record)) return;
    const of = 'of' in record && typeof record.of === 'string' ? record.of : record.run;
    if (of !== this.#run) return;
    this.#isKnown = true;
    if (record.kind === 'queue.intent') this.#changes.set(record.seq, record.change);
    if (record.kind === 'queue.outcome')
      this.#ended(record, this.#changes.get(record.intent ?? 0), outcomeOf(record));
    if (record.kind === 'queue.settled')
      this.#ended(record, record.change, VERDICTS[record.verdict]);
    if (record.kind === 'code.outcome' && record.outcome === 'applied') this.#codeDone(record);
    if (record.kind === 'code.settled' && record.verdict === 'applied') this.#codeDone(record);
  }

  result(): CollectedUndo {
    return {
      undo: {
        run: this.#run,
        queues: [...this.#queues.values()],
        renames: [...this.#renames.values()],
      },
      isKnown: this.#isKnown,
      halfway: [...this.#halfway.values()],
      created: [...this.#created],
    };
  }

  #codeDone({ code: { id, name, from } }: CodeOutcome | CodeSettled): void {
    if (from === null) this.#created.add(name);
    else if (id !== null) this.#renames.set(id, { id, from, to: name });
  }

  #ended(
    { queue, before, after }: Pick<QueueOutcome | QueueSettled, 'queue' | 'before' | 'after'>,
    change: ChangedSections | undefined,
    ended: 'done' | 'halfway' | 'nothing',
  ): void {
    const { id, name } = queue;
    this.#queues.delete(id);
    this.#halfway.delete(id);
    if (ended === 'halfway') this.#halfway.set(id, name);
    if (ended === 'done' && change !== undefined)
      this.#queues.set(id, { id, name, change: withIds(change, after), before });
  }
}

const VERDICTS = {
  applied: 'done',
  partial: 'halfway',
  unknown: 'halfway',
  'not-applied': 'nothing',
} as const;

const outcomeOf = ({ outcome, steps }: QueueOutcome): 'done' | 'halfway' | 'nothing' => {
  if (!steps.some(({ result }) => result !== 'failed')) return 'nothing';
  return outcome === 'applied' ? 'done' : 'halfway';
};

/** Codes that the run has created have ids by the time that it has added them. */
const withIds = (change: ChangedSections, after: QueueSnapshot | null): ChangedSections => {
  const { wrapupCodes } = change;
  if (wrapupCodes === undefined) return change;
  const idOf = new Map(after?.wrapupCodes?.map(({ id, name }) => [name, id]));
  return {
    ...change,
    wrapupCodes: {
      ...wrapupCodes,
      add: wrapupCodes.add.map((code) => ({ ...code, id: code.id ?? idOf.get(code.name) ?? null })),
    },
  };
};
