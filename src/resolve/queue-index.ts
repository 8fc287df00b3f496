import type { LiveQueue } from '../domain/state.js';
import { append } from './multimap.js';
import { compilePattern } from './pattern.js';

/**
 * Queues by id, by name and by the beginning of a name, so that a selector costs what it matches and
 * not a walk over the organization.
 */
export class QueueIndex {
  readonly queues: readonly LiveQueue[];
  readonly #byId = new Map<string, LiveQueue>();
  readonly #byName = new Map<string, LiveQueue[]>();
  readonly #byDivision = new Map<string, LiveQueue[]>();
  /** In the order of their names in NFC: those of one prefix stand together. */
  readonly #sorted: readonly { readonly name: string; readonly queue: LiveQueue }[];

  constructor(queues: readonly LiveQueue[]) {
    this.queues = queues;
    const sorted = [];
    for (const queue of queues) {
      const name = queue.name.normalize('NFC');
      sorted.push({ name, queue });
      this.#byId.set(queue.id, queue);
      append(this.#byName, name, queue);
      append(this.#byDivision, queue.division.name.normalize('NFC'), queue);
    }
    this.#sorted = sorted.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  }

  byId(id: string): LiveQueue | undefined {
    return this.#byId.get(id);
  }

  inDivision(name: string): readonly LiveQueue[] {
    return this.#byDivision.get(name) ?? [];
  }

  /** Queues whose name matches, in the order of their names. */
  named(source: string): readonly LiveQueue[] {
    const pattern = compilePattern(source);
    if (pattern.literal !== null) return this.#byName.get(pattern.literal) ?? [];
    const found: LiveQueue[] = [];
    for (let at = this.#firstFrom(pattern.prefix); at < this.#sorted.length; at += 1) {
      const entry = this.#sorted[at];
      if (entry === undefined || !entry.name.startsWith(pattern.prefix)) break;
      if (pattern.matches(entry.name)) found.push(entry.queue);
    }
    return found;
  }

  names(): IterableIterator<string> {
    return this.#byName.keys();
  }

  /** The first place whose name is not before this text. */
  #firstFrom(text: string): number {
    let low = 0;
    let high = this.#sorted.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#sorted[middle]?.name ?? '') < text) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
