/** When a saved plan is spent. */
import type { ApplyReport, Plan, RowOutcome } from '../domain/change.js';
import { changesToJudge } from './forecast.js';

/** A plan is spent once everything that it could write is there: by this run, or already. */
export const isSpentBy = (
  plan: Plan,
  { queues, catalog }: Pick<ApplyReport, 'queues' | 'catalog'>,
): boolean => {
  const done = new Set<string>(queues.filter(isThere).map(({ id }) => id));
  const codes = new Set(catalog.filter(isThere).map(({ name }) => name));
  const { create, rename } = plan.catalog;
  return (
    changesToJudge(plan).every(({ id }) => done.has(id)) &&
    [...create.map(({ name }) => name), ...rename.map(({ to }) => to)].every((name) =>
      codes.has(name),
    )
  );
};

const isThere = ({ outcome }: { readonly outcome: RowOutcome }): boolean =>
  outcome === 'applied' || outcome === 'in-sync';
