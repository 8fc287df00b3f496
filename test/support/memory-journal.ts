/** A journal that forgets everything with the test: the same records and the same state, and no file. */
import type { RunAbout } from '../../src/apply/ledger-entries.js';
import type { RunJournal } from '../../src/apply/ports.js';
import type { Clock } from '../../src/domain/clock.js';
import type { JournalEntry, JournalRecord } from '../../src/domain/journal.js';
import type { QueueId } from '../../src/domain/ids.js';
import { hashOfLine, lineOf } from '../../src/journal/line.js';
import { JournalState } from '../../src/journal/state.js';

export class MemoryJournal implements RunJournal {
  readonly state = new JournalState();
  readonly records: JournalRecord[] = [];
  readonly wantsAllIntents: boolean;
  /** Called before something is appended: throws where that is to fail. */
  beforeAppend: (entries: readonly JournalEntry[]) => void = () => undefined;
  readonly #clock: Pick<Clock, 'now'>;

  constructor(clock: Pick<Clock, 'now'>, { wantsAllIntents = false } = {}) {
    this.#clock = clock;
    this.wantsAllIntents = wantsAllIntents;
  }

  get organizationId(): RunJournal['organizationId'] {
    return this.state.organizationId;
  }

  get head(): RunJournal['head'] {
    return this.state.head;
  }

  get openIntents(): RunJournal['openIntents'] {
    return this.state.intents;
  }

  get doubts(): RunJournal['doubts'] {
    return this.state.doubts;
  }

  queue(id: QueueId): ReturnType<RunJournal['queue']> {
    return this.state.queue(id);
  }

  append(entries: readonly JournalEntry[]): Promise<readonly number[]> {
    this.beforeAppend(entries);
    return Promise.resolve(
      entries.map((entry) => {
        const line = lineOf(entry, this.head, new Date(this.#clock.now()).toISOString());
        const record = JSON.parse(line) as JournalRecord;
        this.state.fold({ record, hash: hashOfLine(line) });
        this.records.push(record);
        return record.seq;
      }),
    );
  }

  publish(): Promise<void> {
    return Promise.resolve();
  }

  /** The records of these kinds. */
  of<Kind extends JournalEntry['kind']>(
    ...kinds: readonly Kind[]
  ): readonly JournalRecord<Extract<JournalEntry, { readonly kind: Kind }>>[] {
    return this.records.filter(
      (record): record is JournalRecord<Extract<JournalEntry, { readonly kind: Kind }>> =>
        (kinds as readonly string[]).includes(record.kind),
    );
  }
}

/** A run of which nobody knows anything. */
export const ABOUT: RunAbout = {
  command: 'apply',
  trigger: 'manual',
  actor: 'j.doe',
  url: null,
  host: null,
  oauthClientId: null,
  pullRequest: null,
  branch: null,
  commitAuthor: null,
  settingsDigest: 'sha256:0',
  allowances: [],
  overrides: { accept: null, ignoreWindows: null },
};
