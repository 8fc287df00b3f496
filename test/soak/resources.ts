/** What this process holds at an instant: memory, timers, descriptors, children, and listeners on abort signals. */
import { getEventListeners } from 'node:events';
import { readdir, readFile, readlink } from 'node:fs/promises';
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

export interface Holdings {
  /** Bytes of the heap in use, once everything that can go has gone; without compiled code, which comes and goes. */
  readonly heap: number;
  /** Counts by kind: they are exact. */
  readonly counts: Readonly<Record<string, number>>;
}

setFlagsFromString('--expose_gc');
const collect = runInNewContext('gc') as () => void;

/** Knows every signal that somebody listens to, without keeping it alive. */
export class SignalWatch {
  readonly #known = new WeakSet<AbortSignal>();
  #signals: WeakRef<AbortSignal>[] = [];
  // oxlint-disable-next-line typescript/unbound-method -- it is put back as it was
  readonly #add = EventTarget.prototype.addEventListener;

  constructor() {
    const note = (target: EventTarget): void => {
      if (!(target instanceof AbortSignal) || this.#known.has(target)) return;
      this.#known.add(target);
      this.#signals.push(new WeakRef(target));
    };
    const add = this.#add;
    EventTarget.prototype.addEventListener = function (...args: Parameters<typeof add>) {
      note(this);
      add.apply(this, args);
    };
  }

  /** How many listen to signals that live and may still abort. */
  count(): number {
    this.#signals = this.#signals.filter((ref) => ref.deref() !== undefined);
    return this.#signals
      .map((ref) => ref.deref())
      .filter((signal) => signal?.aborted === false)
      .reduce((sum, signal) => sum + getEventListeners(signal as EventTarget, 'abort').length, 0);
  }

  close(): void {
    EventTarget.prototype.addEventListener = this.#add;
  }
}

/**
 * Measures, until what can be counted is the same twice: a lease may be being renewed at this moment.
 *
 * @param sleeping how many sleep by the clock of the test
 */
export const measure = async (signals: SignalWatch, sleeping: () => number): Promise<Holdings> => {
  let last = await measureOnce(signals, sleeping);
  for (let times = 0; times < 10; times += 1) {
    await sleep(20);
    const next = await measureOnce(signals, sleeping);
    if (isDeepStrictEqual(next.counts, last.counts)) return next;
    last = next;
  }
  return last;
};

const measureOnce = async (signals: SignalWatch, sleeping: () => number): Promise<Holdings> => {
  // What was looked at weakly lives until its turn is over.
  for (let times = 0; times < 2; times += 1) {
    await turn();
    collect();
  }
  const heap = getHeapSpaceStatistics()
    .filter(({ space_name: name }) => !name.startsWith('code_'))
    .reduce((sum, { space_used_size: used }) => sum + used, 0);
  return {
    heap,
    counts: {
      'listeners on signals': signals.count(),
      sleepers: sleeping(),
      ...counted(process.getActiveResourcesInfo().filter(isLasting)),
      children: await children(),
      ...counted((await descriptors()).map((target) => `fd ${kindOf(target)}`)),
    },
  };
};

/** Reads and look-ups that are under way at this moment are nobody's. */
const isLasting = (kind: string): boolean => !/^(FSReqPromise|FSReqCallback|Immediate)$/.test(kind);

const counted = (kinds: readonly string[]): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const kind of [...kinds].sort()) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
};

const descriptors = async (): Promise<readonly string[]> => {
  const folder = '/proc/self/fd';
  const names = await readdir(folder).catch(() => []);
  const targets = await Promise.all(
    names.map((name) => readlink(`${folder}/${name}`).catch(() => null)),
  );
  return targets.flatMap((target) =>
    target === null || target.startsWith('/proc/') ? [] : [target],
  );
};

/** A path as it is, and of what has no path the kind. */
const kindOf = (target: string): string => target.replace(/:\[\d+\]$/, '');

const children = async (): Promise<number> => {
  const path = `/proc/self/task/${process.pid}/children`;
  const text = await readFile(path, 'utf8').catch(() => '');
  return text.split(' ').filter((pid) => pid !== '').length;
};

/** What is not as it was; empty where it is. */
export const differences = (
  before: Holdings,
  after: Holdings,
  { heapMayGrow }: { readonly heapMayGrow: number },
): readonly string[] => {
  const kinds = [...new Set([...Object.keys(before.counts), ...Object.keys(after.counts)])];
  const grown = after.heap - before.heap;
  return [
    ...kinds.flatMap((kind) => {
      const [was = 0, is = 0] = [before.counts[kind], after.counts[kind]];
      return was === is ? [] : [`${kind}: ${is}, and ${was} before`];
    }),
    ...(grown > heapMayGrow
      ? [`the heap has grown by ${grown} bytes, of which ${heapMayGrow} are allowed`]
      : []),
  ];
};
