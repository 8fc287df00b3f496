/** What a rule is, and what it is given. */
import type { Diagnostic } from '../domain/diagnostics.js';
import { isUnmanaged } from './model.js';
import type { AfterCallWorkRule, PolicySet, QueuePolicy, WrapupCodesRule } from './model.js';
import type { ParsedPolicies } from './parse.js';
import type { Settings } from './settings.js';

/** What the rules ask of the world. */
export interface RuleContext {
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly api: Settings['api'];
}

/** What a rule is given besides the policies. */
export interface RuleInput extends RuleContext {
  readonly placeOf: ParsedPolicies['placeOf'];
}

export interface Rule {
  /**
   * What it can judge: `what is written` finds faults in what is there, broken documents included;
   * `whole documents` looks at what a document leaves out; `all documents` at what none of them says.
   */
  readonly over: 'what is written' | 'whole documents' | 'all documents';
  readonly check: (set: PolicySet, input: RuleInput) => readonly Diagnostic[];
}

export type RuleTable = Readonly<Record<string, Rule>>;

/** Calls back for every item whose key was seen before, with the first of them. */
export const repeated = <Item>(
  items: readonly Item[],
  keyOf: (item: Item) => string | null,
  tell: (item: Item, first: Item) => Diagnostic,
): readonly Diagnostic[] => {
  const firsts = new Map<string, Item>();
  return items.flatMap((item) => {
    const key = keyOf(item);
    if (key === null) return [];
    const first = firsts.get(key);
    if (first === undefined) firsts.set(key, item);
    return first === undefined ? [] : [tell(item, first)];
  });
};

/** A rule that looks at one policy after the other. */
export const perPolicy = (
  over: Rule['over'],
  check: (policy: QueuePolicy, input: RuleInput) => readonly Diagnostic[],
): Rule => ({
  over,
  check: (set, input) => set.policies.flatMap((policy) => check(policy, input)),
});

/** What a policy says about after-call work itself. */
export const workOf = ({ afterCallWork }: QueuePolicy): AfterCallWorkRule | null =>
  afterCallWork === null || isUnmanaged(afterCallWork) ? null : afterCallWork;

/** What a policy says about codes itself. */
export const codesOf = ({ wrapupCodes }: QueuePolicy): WrapupCodesRule | null =>
  wrapupCodes === null || isUnmanaged(wrapupCodes) ? null : wrapupCodes;
