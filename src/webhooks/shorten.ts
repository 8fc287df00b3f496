/** The parts of an event's data, with lists and texts no longer than told. */
import type { GuardVerdict, Step } from '../domain/change.js';
import type { ChangedBy, PolicyPlace, QueueIntent } from '../domain/journal.js';
import type { Requirement } from '../domain/requirement.js';
import type { AfterCallWork, LiveAfterCallWork, QueueSnapshot } from '../domain/state.js';
import { cut, spellControls } from '../domain/text.js';

export interface Bounds {
  /** The longest list that stands in full, and how many items of a longer one stand. */
  readonly items: number;
  /** The longest text from outside. */
  readonly characters: number;
}

interface Code {
  readonly id: string | null;
  readonly name: string;
  readonly requirement?: Requirement | null;
}

type Shortened<Key extends string, Item> = { count: number; left_out: number } & {
  [Name in Key]: Item[];
};

/** Turns the journal's data into that of events: keys with underscores, and everything bounded. */
export class Shortener {
  readonly #bounds: Bounds;

  constructor(bounds: Bounds) {
    this.#bounds = bounds;
  }

  /** A text from outside: bounded, with control characters spelt out. */
  text(text: string): string {
    const { characters } = this.#bounds;
    return cut(spellControls(cut(text, characters)), characters);
  }

  textOrNull(text: string | null): string | null {
    return text === null ? null : this.text(text);
  }

  snapshot({ afterCallWork, wrapupCodes }: QueueSnapshot) {
    return {
      after_call_work: afterCallWork === null ? null : this.#work(afterCallWork),
      wrapup_codes: wrapupCodes === null ? null : this.#codes(wrapupCodes),
    };
  }

  change({ afterCallWork, wrapupCodes }: QueueIntent['change']) {
    return {
      ...(afterCallWork !== undefined && {
        after_call_work: { from: this.#work(afterCallWork.from), to: this.#work(afterCallWork.to) },
      }),
      ...(wrapupCodes !== undefined && {
        wrapup_codes: {
          add: this.#codes(wrapupCodes.add),
          update: this.#codes(
            (wrapupCodes.update ?? []).map(({ id, name, to }) => ({ id, name, requirement: to })),
          ),
          remove: this.#codes(wrapupCodes.remove),
          unchanged: wrapupCodes.unchanged,
        },
      }),
    };
  }

  policies(policies: readonly PolicyPlace[]) {
    return this.#list('policies', policies, ({ name, file, line }) => ({
      name: this.text(name),
      file: this.text(file),
      line,
    }));
  }

  changedBy(by: ChangedBy) {
    if (by.by === 'unknown') return { by: by.by, why: this.textOrNull(by.why) };
    return {
      by: by.by,
      kind: by.kind,
      id: this.text(by.id),
      name: this.textOrNull(by.name),
      at: this.text(by.at),
      action: this.text(by.action),
    };
  }

  steps(steps: readonly Step[]) {
    return this.#list('steps', steps, ({ action, detail, result, correlationId }) => ({
      action,
      detail: this.text(detail),
      result,
      correlation_id: this.textOrNull(correlationId),
    }));
  }

  guards(guards: readonly GuardVerdict[]) {
    return this.#list('guards', guards, ({ measure, actual, of, limit, verdict, worst }) => ({
      measure: this.text(measure),
      actual,
      of,
      limit: this.text(limit),
      verdict,
      worst: worst
        .slice(0, this.#bounds.items)
        .map(({ queue, count }) => ({ queue: this.text(queue), count })),
    }));
  }

  #work({ prompt, timeoutMs }: AfterCallWork | LiveAfterCallWork) {
    return { prompt: this.textOrNull(prompt), timeout_ms: timeoutMs };
  }

  #codes(codes: readonly Code[]) {
    return this.#list('codes', codes, ({ id, name, requirement }) => ({
      id: this.textOrNull(id),
      name: this.text(name),
      ...(requirement !== undefined && { requirement: requirementJson(requirement) }),
    }));
  }

  #list<const Key extends string, From, Item>(
    key: Key,
    items: readonly From[],
    show: (item: From) => Item,
  ): Item[] | Shortened<Key, Item> {
    const shown = items.slice(0, this.#bounds.items).map(show);
    if (shown.length === items.length) return shown;
    const left = items.length - shown.length;
    return { count: items.length, [key]: shown, left_out: left } as Shortened<Key, Item>;
  }
}

const requirementJson = (requirement: Requirement | null) =>
  requirement === null
    ? null
    : {
        required: requirement.required,
        bypass: {
          self_assignment: requirement.bypass.selfAssignment,
          supervisor_assignment: requirement.bypass.supervisorAssignment,
          agent_assignment: requirement.bypass.agentAssignment,
          transfer: requirement.bypass.transfer,
          wrapup: requirement.bypass.wrapup,
          post_call_work: requirement.bypass.postCallWork,
        },
      };
