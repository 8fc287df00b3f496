/** A daemon over an organization in memory, with a clock that jumps to whatever comes next. */
import { requestsSince } from '../../src/apply/ports.js';
import type { OrgChange, OrgChanges } from '../../src/apply/ports.js';
import { Daemon } from '../../src/daemon/daemon.js';
import type { ObservedPass } from '../../src/daemon/metrics.js';
import type { DaemonParts } from '../../src/daemon/parts.js';
import type { PolicySource, PolicyState, SourceLook } from '../../src/daemon/policies.js';
import type { Diagnostic } from '../../src/domain/diagnostics.js';
import type { Settings } from '../../src/policy/settings.js';
import type { PolicySet } from '../../src/policy/model.js';
import { digestOf } from '../../src/plan/digest.js';
import { VirtualClock } from '../genesys/virtual-clock.js';
import { NOW } from '../support/fake-clock.js';
import { ABOUT, MemoryJournal } from '../support/memory-journal.js';
import { MemoryOrg } from '../support/memory-org.js';
import type { Behaviour, OrgSeed } from '../support/memory-org.js';
import { settings } from '../support/policy-set.js';

/** A state of the repository; `commit` tells it from others. */
export const stateOf = (
  policySet: PolicySet,
  commit: string,
  more: { readonly settings?: Settings; readonly diagnostics?: readonly Diagnostic[] } = {},
): PolicyState => ({
  revision: { digest: digestOf([policySet, more.settings ?? null]), commit, dirty: false },
  author: 'Jo Doe <jo@example.org>',
  settings: more.settings ?? settings(),
  policySet,
  diagnostics: more.diagnostics ?? [],
});

/** A repository that shows what the test says. */
export class ScriptedSource implements PolicySource {
  readonly kind = 'remote';
  readonly location = 'https://example.org/policies.git';
  readonly branch = 'main';
  shows: SourceLook;
  kept: { readonly state: PolicyState; readonly at: string } | null = null;

  constructor(state: PolicyState) {
    this.shows = { kind: 'seen', state };
  }

  says(state: PolicyState): void {
    this.shows = { kind: 'seen', state };
  }

  look(): Promise<SourceLook> {
    return Promise.resolve(this.shows);
  }

  accepted(): Promise<{ readonly state: PolicyState; readonly at: string } | null> {
    return Promise.resolve(this.kept);
  }

  accept(state: PolicyState, at: string): Promise<void> {
    this.kept = { state, at };
    return Promise.resolve();
  }
}

export interface Scene {
  readonly org: OrgSeed;
  readonly state: PolicyState;
  readonly mode?: 'enforce' | 'report';
  readonly behaviour?: Partial<Behaviour>;
}

export class RunningDaemon {
  readonly clock = new VirtualClock(NOW);
  readonly org: MemoryOrg;
  readonly journal = new MemoryJournal(this.clock);
  readonly source: ScriptedSource;
  readonly passes: ObservedPass[] = [];
  readonly log: { readonly level: string; readonly message: string }[] = [];
  /** What the audit log shows, and what it lacks. */
  readonly changes: OrgChange[] = [];
  missing: string | null = null;
  accepted = 0;
  connections = 0;
  daemon: Daemon;
  #stop = new AbortController();
  #running: Promise<void> | null = null;
  readonly #mode: 'enforce' | 'report';
  #runs = 0;
  #onLog: readonly [text: string, resolve: () => void] = ['', () => undefined];

  constructor({ org, state, mode = 'enforce', behaviour = {} }: Scene) {
    this.org = new MemoryOrg(org, this.clock, behaviour);
    this.source = new ScriptedSource(state);
    this.#mode = mode;
    this.daemon = this.#make();
  }

  /** Lets time pass until so many more passes have ended. */
  async after(passes: number): Promise<ObservedPass> {
    const wanted = this.passes.length + passes;
    const running = (this.#running ??= this.daemon.run(this.#stop.signal));
    const enough = new Promise<void>((resolve) => {
      this.daemon.onPass = (seen) => {
        this.passes.push(seen);
        if (this.passes.length >= wanted) resolve();
      };
    });
    await this.clock.until(Promise.race([enough, running]));
    const last = this.passes.at(-1);
    if (last === undefined || this.passes.length < wanted) throw new Error('the daemon has ended');
    return last;
  }

  /** Lets time pass until this is logged. */
  async untilLogged(text: string): Promise<void> {
    await this.clock.until(new Promise<void>((resolve) => (this.#onLog = [text, resolve])));
  }

  async stop(): Promise<void> {
    this.#stop.abort('SIGTERM');
    if (this.#running !== null) await this.clock.until(this.#running);
  }

  /** Ends it, and begins another with the same journal and repository. */
  async restart(): Promise<void> {
    await this.stop();
    this.#stop = new AbortController();
    this.#running = null;
    this.daemon = this.#make();
  }

  /** Somebody changes a queue by hand, and the audit log shows it after a while. */
  edit(name: string, change: Parameters<MemoryOrg['edit']>[1], isAudited = true): void {
    const { id } = this.org.queue(name);
    this.org.edit(name, change);
    if (isAudited) this.tell(id);
  }

  tell(id: string, action = 'Update', entity: OrgChange['entity'] = 'queue'): void {
    const record = `record ${this.changes.length + 1}`;
    this.changes.push({ record, entity, id, action, at: this.clock.now(), author: null });
  }

  #make(): Daemon {
    const { org, clock, journal, source } = this;
    const parts: DaemonParts = {
      tool: 'wrapkeeper/0.1.0',
      mode: this.#mode,
      intervalMs: null,
      source,
      connect: () => {
        this.connections += 1;
        // Each connection counts from nothing.
        const counted = org.reader.requests();
        return Promise.resolve({
          reader: { ...org.reader, requests: () => requestsSince(counted, org.reader) },
          writer: org.writer,
          feed: {
            changesIn: ({ since, until }): Promise<OrgChanges> =>
              Promise.resolve({
                changes:
                  this.missing === null
                    ? this.changes.filter(({ at }) => at >= since && at <= until)
                    : [],
                missing: this.missing,
              }),
            serverNow: () => clock.now(),
          },
          region: 'us-east-1',
          endingWith: (_, work) => work(),
          close: () => Promise.resolve(),
        });
      },
      journalWith: (onAppend) => ({
        get organizationId() {
          return journal.organizationId;
        },
        get head() {
          return journal.head;
        },
        get openIntents() {
          return journal.openIntents;
        },
        get doubts() {
          return journal.doubts;
        },
        wantsAllIntents: false,
        queue: (id) => journal.queue(id),
        append: async (entries) => {
          const numbers = await journal.append(entries);
          onAppend(entries);
          return numbers;
        },
        publish: () => journal.publish(),
      }),
      recent: async function* () {
        yield* journal.records;
      },
      sinks: () => [],
      onAccepted: () => {
        this.accepted += 1;
        return Promise.resolve([]);
      },
      about: (state, trigger, overrides) =>
        Promise.resolve({ ...ABOUT, trigger, overrides, commitAuthor: state.author }),
      planKey: null,
      clock,
      random: () => 0.5,
      newId: () => `run-${(this.#runs += 1)}`,
      log: (level, message) => {
        this.log.push({ level, message });
        const [text, resolve] = this.#onLog;
        if (message.includes(text)) resolve();
      },
    };
    return new Daemon(parts);
  }
}
