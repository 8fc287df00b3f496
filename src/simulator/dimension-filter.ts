/** The filters of analytics queries. */
import { bodyObject } from './routing.js';

/** What an observation or an interaction is filtered by. */
export type Dimensions = Readonly<Record<string, string | undefined>>;

/** A filter of the contract: predicates and clauses, all (`and`) or any (`or`) of them. */
export const dimensionFilter = (filter: unknown): ((dimensions: Dimensions) => boolean) => {
  if (filter === undefined || filter === null) return () => true;
  const { type, clauses } = bodyObject(filter);
  const tests = [
    ...ownPredicates(filter).map(predicateTest),
    ...(Array.isArray(clauses) ? clauses.map(dimensionFilter) : []),
  ];
  return (dimensions) =>
    type === 'or'
      ? tests.some((test) => test(dimensions))
      : tests.every((test) => test(dimensions));
};

const predicateTest =
  ({ dimension: name, operator = 'matches', value }: Readonly<Record<string, unknown>>) =>
  (dimensions: Dimensions): boolean => {
    const actual = dimensions[String(name)];
    if (operator === 'exists') return actual !== undefined;
    return operator === 'notExists' ? actual === undefined : actual === value;
  };

const ownPredicates = (filter: unknown): Readonly<Record<string, unknown>>[] => {
  const { predicates } = bodyObject(filter);
  return Array.isArray(predicates) ? predicates.map(bodyObject) : [];
};

/** Every predicate of a filter, those of its clauses included. */
export const predicatesOf = (filter: unknown): Readonly<Record<string, unknown>>[] => {
  const { clauses } = bodyObject(filter);
  return [
    ...ownPredicates(filter),
    ...(Array.isArray(clauses) ? clauses.flatMap(predicatesOf) : []),
  ];
};
