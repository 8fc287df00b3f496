/** A plan in numbers. */
import type { Plan, PlanSummary, QueueChange } from '../domain/change.js';

/** What the changes of a plan come to; how many queues are governed and in sync stands in no change. */
export const countChanges = ({
  queues,
  held,
  catalog,
  api,
}: Pick<Plan, 'queues' | 'held' | 'catalog' | 'api'>): Omit<
  PlanSummary,
  'queuesGoverned' | 'queuesInSync'
> => {
  const sum = (measure: (change: QueueChange) => number): number =>
    queues.reduce((total, change) => total + measure(change), 0);
  return {
    queuesChanged: queues.length,
    queuesHeld: new Set(held.map(({ id }) => id)).size,
    codesAdded: sum(({ wrapupCodes }) => wrapupCodes?.add.length ?? 0),
    ...(api === 'wrapupcodes-put' && {
      codesUpdated: sum(({ wrapupCodes }) => wrapupCodes?.update?.length ?? 0),
    }),
    codesRemoved: sum(({ wrapupCodes }) => wrapupCodes?.remove.length ?? 0),
    acwChanged: sum(({ afterCallWork }) => (afterCallWork === undefined ? 0 : 1)),
    codesCreated: catalog.create.length,
  };
};
