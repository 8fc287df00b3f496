/** What holds in the end: the storm leaves what the calm would have left (2, 3 and 8). */
import type { HeldChange, Plan, QueueChange } from '../../src/domain/change.js';
import {
  addedIds,
  changesOf,
  isCatalogEdited,
  losesNamedQueue,
  missingOf,
  told,
  workOf,
  writesOf,
} from './evidence.js';
import { holds, tested } from './finding.js';
import type { Holds } from './finding.js';
import { WRITES } from './trace.js';
import type { Run, Trace } from './trace.js';

const theOne = ({ runs }: Trace, kind: Run['kind']): Run => {
  const found = runs.find((run) => run.kind === kind);
  if (found === undefined) throw new Error(`a case has a ${kind}`);
  return found;
};

const planOf = (run: Run): Plan | null => (run.ending.kind === 'done' ? run.ending.plan : null);

/** Queues that refuse every PUT, by id. */
const stuck = ({ script }: Trace): ReadonlySet<string> =>
  new Set(
    script.world.seed.queues.flatMap(({ id, name }) =>
      script.platform.staleQueues.includes(name) && id !== undefined ? [id] : [],
    ),
  );

/** 2: once it is calm an apply succeeds, and a plan after it is empty. */
export const calmLeavesNothing: Holds = (trace) => {
  const [calm, check] = [theOne(trace, 'calm'), theOne(trace, 'check')];
  const refused = stuck(trace);
  if (calm.ending.kind !== 'done') return ['an apply in calm did not end well'];
  const rest = planOf(check);
  if (rest === null) return ['a plan in calm did not end well'];
  const rows = calm.ending.report?.queues ?? [];
  return tested([
    ...rows.flatMap(({ id, name, outcome, reason }) =>
      ['applied', 'in-sync', 'held'].includes(outcome) || refused.has(id)
        ? []
        : [`in calm "${name}" is ${outcome}: ${reason ?? ''}`],
    ),
    ...changesOf(rest).flatMap((change) =>
      refused.has(change.id) ? [] : [`still to be done: ${JSON.stringify(change)}`],
    ),
    ...[...rest.catalog.create, ...rest.catalog.rename].map(
      (change) => `still to be done: ${JSON.stringify(change)}`,
    ),
  ]);
};

/** 3: in calm it takes exactly as many writes as there are instructions, and the requests that the plan said. */
export const calmCostsWhatItSaid: Holds = (trace) => {
  const calm = theOne(trace, 'calm');
  if (calm.ending.kind !== 'done' || calm.ending.report === null) return [];
  const { plan, report } = calm.ending;
  if (stuck(trace).size > 0) return [];
  const { pages, queueRequestsPerOrg, tokenTtlSeconds } = trace.script.platform;
  const due = changesOf(plan).reduce(
    (sum, { afterCallWork, wrapupCodes }) =>
      sum +
      (afterCallWork === undefined ? 0 : 1) +
      Math.ceil((wrapupCodes?.add.length ?? 0) / 100) +
      (wrapupCodes?.remove.length ?? 0),
    plan.catalog.create.length + plan.catalog.rename.length,
  );
  const sent = writesOf(trace).filter(({ run }) => run === calm.index).length;
  // Where the limit stretches a run over minutes, what has grown old meanwhile is read again.
  const isPlain =
    pages.max === 500 &&
    queueRequestsPerOrg === null &&
    tokenTtlSeconds > 100 &&
    trace.script.limits.requestsPerMinute >= 300;
  return tested([
    ...(sent === due ? [] : [`${sent} writes in calm where ${due} would do`]),
    ...(isPlain && report.requests.sent !== plan.cost.requests
      ? [`${report.requests.sent} requests in calm, and the plan said ${plan.cost.requests}`]
      : []),
  ]);
};

/** 3: a plan over a settled organization reads each list once, and the codes of each queue once. */
export const calmReadsOnce: Holds = (trace) => {
  const check = theOne(trace, 'check');
  const own = trace.requests.filter(
    ({ run, endpoint, log }) =>
      run === check.index &&
      endpoint !== 'login' &&
      // What a smaller page, a limit or a new token costs is not the plan's doing.
      log.status === 200,
  );
  const keys = own.map(({ log }) =>
    JSON.stringify([log.method, log.path, log.query, log.requestBody]),
  );
  const twice = keys.filter((key, at) => keys.indexOf(key) !== at);
  const writes = own.filter(({ endpoint }) => WRITES.has(endpoint));
  // What a list of several pages lacks is looked for again; so many codes do not come in one.
  const { platform, world } = trace.script;
  const isConfirmed =
    (platform.pages.over === 'clamp' && platform.pages.max < 500) ||
    (world.seed.codes?.length ?? 0) > 100;
  return tested([
    ...writes.map((sent) => `a plan that writes: ${told(sent)}`),
    ...(isConfirmed ? [] : twice.map((key) => `read twice: ${key}`)),
  ]);
};

/** Queues whose managed part an administrator has touched, or that are governed otherwise by now. */
const touched = ({ edits }: Trace): ReadonlySet<string> =>
  new Set(edits.flatMap(({ edit, queues }) => (edit.do === 'describe' ? [] : [...queues.keys()])));

/** 8: whatever was read, nothing is written that a plan over the untouched organization did not contain. */
export const onlyWhatCalmWouldWrite: Holds = (trace) => {
  const plan = planOf(theOne(trace, 'rehearsal'));
  if (plan === null) return ['the rehearsal did not end well'];
  if (isCatalogEdited(trace)) return [];
  const hands = touched(trace);
  const changes = new Map<string, readonly (QueueChange | HeldChange)[]>();
  for (const change of [...changesOf(plan), ...plan.held.filter(({ id }) => hands.has(id))])
    changes.set(change.id, [...(changes.get(change.id) ?? []), change]);
  return writesOf(trace).flatMap(({ endpoint, queue, codes, last }) => {
    if (queue === null) {
      const { name } = last.log.requestBody as { readonly name: string };
      const names = [...plan.catalog.create, ...plan.catalog.rename].map((each) =>
        'to' in each ? each.to : each.name,
      );
      return holds(names.includes(name), `not planned: ${told(last)}`);
    }
    if (hands.has(queue)) return [];
    const own = changes.get(queue) ?? [];
    const add = own.flatMap((change) => addedIds(trace, change));
    const remove = own.flatMap(({ wrapupCodes }) => wrapupCodes?.remove.map(({ id }) => id) ?? []);
    const work = own.flatMap(({ afterCallWork }) =>
      afterCallWork === undefined ? [] : [workOf(afterCallWork.to)],
    );
    const isMeant =
      endpoint === 'set-work'
        ? work.includes(workSent(last.log.requestBody))
        : codes.every((id) =>
            (endpoint === 'add-codes' ? add : (remove as readonly string[])).includes(id),
          );
    return holds(isMeant, `not planned: ${told(last)}`);
  });
};

const workSent = (body: unknown): string => {
  const { wrapupPrompt = null, timeoutMs = null } =
    (body as { acwSettings?: { wrapupPrompt?: string; timeoutMs?: number } }).acwSettings ?? {};
  return workOf({ prompt: wrapupPrompt, timeoutMs });
};

/** 2 and 7: in the end each queue that nobody else touched is what one calm apply would have made of it. */
export const endsWhereTheCalmWould: Holds = (trace) => {
  const plan = planOf(theOne(trace, 'rehearsal'));
  const { after } = theOne(trace, 'calm');
  if (plan === null || isCatalogEdited(trace) || losesNamedQueue(trace)) return [];
  const [hands, refused] = [touched(trace), stuck(trace)];
  const before = theOne(trace, 'rehearsal').before;
  return [...before].flatMap(([id, was]) => {
    if (hands.has(id) || refused.has(id)) return [];
    const is = after.get(id) ?? null;
    const change = changesOf(plan).find((each) => each.id === id);
    const missing = change === undefined ? [] : missingOf(trace, change, is);
    const expected = new Set([
      ...was.codes,
      ...(change === undefined ? [] : addedIds(trace, change)),
    ]);
    for (const code of change?.wrapupCodes?.remove ?? []) expected.delete(code.id);
    const isRight =
      is !== null &&
      expected.size === is.codes.size &&
      [...expected].every((code) => is.codes.has(code)) &&
      (change?.afterCallWork !== undefined || workOf(was) === workOf(is));
    return holds(
      missing.length === 0 && isRight,
      `"${String(was.document['name'])}" ended elsewhere: ${missing.join('; ')}`,
    );
  });
};
