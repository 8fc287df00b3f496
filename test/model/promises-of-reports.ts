/** What holds of every report: it tells what happened, and one queue's trouble is not another's (6 and 7). */
import type { QueueChange, QueueRow, Step } from '../../src/domain/change.js';
import {
  changeIn,
  disturbances,
  isCatalogDisturbed,
  isDisturbed,
  isGood,
  isLagging,
  LAG_MS,
  lagsTooLong,
  losesCodes,
  missingOf,
  queueWrites,
  stateAt,
  told,
  tookEffectTooLate,
  writesOf,
} from './evidence.js';
import type { Write } from './evidence.js';
import { holds, tested } from './finding.js';
import type { Finding, Holds } from './finding.js';
import type { Endpoint } from './script.js';
import type { Run, Sent, Trace } from './trace.js';

const ENDPOINT: Readonly<Record<Step['action'], Endpoint | null>> = {
  'create-code': 'create-code',
  'rename-code': 'rename-code',
  'add-codes': 'add-codes',
  'set-after-call-work': 'set-work',
  'remove-code': 'remove-code',
  'put-codes': null,
};

/** Answers after which a step is no step: somebody else was faster, or the run was stopped. */
const REFUSED: ReadonlySet<number | null> = new Set([400, 401, 404, 409, 429]);

interface Reported {
  readonly run: Run;
  readonly row: QueueRow;
  readonly change: QueueChange | null;
  readonly writes: readonly Write[];
}

/** Every row of every report, with what was planned and what was sent. */
const rowsOf = (trace: Trace): readonly Reported[] => {
  const sent = new Map(queueWrites(trace).map((each) => [`${each.run.index} ${each.queue}`, each]));
  return trace.runs.flatMap((run) => {
    if (run.ending.kind !== 'done' || run.ending.report === null) return [];
    const { report } = run.ending;
    return report.queues.map((row) => ({
      run,
      row,
      change: changeIn(run, row.id),
      writes: sent.get(`${run.index} ${row.id}`)?.writes ?? [],
    }));
  });
};

const named = ({ run, row }: Reported): string =>
  `run ${run.index}, "${row.name}" (${row.outcome})`;

/** 6: each step is a write that was sent, in the same order, and each write that took effect is a step. */
export const stepsAreTrue: Holds = (trace) =>
  rowsOf(trace).flatMap((reported) => {
    const { run, row, writes } = reported;
    const left = [...writes];
    const found: string[] = [];
    for (const step of row.steps) {
      const at = left.findIndex(({ endpoint }) => endpoint === ENDPOINT[step.action]);
      const skipped = at === -1 ? [] : left.splice(0, at + 1);
      const write = skipped.pop();
      found.push(...unaccounted(skipped).map((text) => `${named(reported)}: ${text}`));
      if (write === undefined) {
        // What cannot log in, or waits too long, fails before it is sent.
        if (step.result !== 'failed')
          found.push(`${named(reported)}: ${step.action} ${step.result} was never sent`);
        continue;
      }
      found.push(...untrue(trace, run, step, write).map((text) => `${named(reported)}: ${text}`));
    }
    found.push(...unaccounted(left).map((text) => `${named(reported)}: ${text}`));
    return row.steps.length + writes.length === 0 ? [] : tested(found);
  });

const unaccounted = (writes: readonly Write[]): readonly string[] =>
  writes.flatMap(({ tookEffect, last }) =>
    tookEffect || !REFUSED.has(last.log.status) ? [`no step tells of ${told(last)}`] : [],
  );

const untrue = (trace: Trace, run: Run, step: Step, write: Write): readonly string[] => {
  const { last, tookEffect } = write;
  const { handled, queue } = last;
  // Where reads lag, what others did shortly before the write is seen only after it.
  const sinceAt = isLagging(trace, run) ? last.arrived.at - LAG_MS : Infinity;
  const isOthers =
    lagsTooLong(trace, run) ||
    (queue !== null &&
      disturbances(trace, run, queue).some(
        ({ tick, at }) => tick > last.arrived.tick || at >= sinceAt,
      ));
  const said = `${step.action} ${step.result}`;
  const id = last.isAnswered ? last.log.correlationId : null;
  return [
    ...(step.result === 'applied' && !tookEffect && !isGood(last) && !isOthers
      ? [`${said}, and it was not: ${told(last)}`]
      : []),
    ...(step.result === 'failed' && tookEffect && !isOthers && !tookEffectTooLate(last)
      ? [`${said}, and it took effect: ${told(last)}`]
      : []),
    ...(step.result === 'unknown' && isGood(last) ? [`${said}, and it was answered`] : []),
    ...(step.correlationId !== null && id !== null && step.correlationId !== id
      ? [`${said} with the correlation id of another request: ${told(last)}`]
      : []),
    ...(step.result === 'applied' && isGood(last) && handled === null
      ? ['answered unhandled']
      : []),
  ];
};

const PASSING = /^held by (?:window|busy)\b/;

/** 6: what a row says of its queue is so. */
export const rowsAreTrue: Holds = (trace) =>
  rowsOf(trace).flatMap((reported) => {
    const { run, row, change, writes } = reported;
    const disturbed = isDisturbed(trace, run, row.id) || lagsTooLong(trace, run);
    const at = run.finished.get(row.id)?.tick ?? run.ended.tick;
    const missing = change === null ? [] : missingOf(trace, change, stateAt(trace, row.id, at));
    const isDone = missing.length === 0;
    const says = (isSo: boolean, text: string): readonly Finding[] =>
      holds(isSo, `${named(reported)}: ${text}`);
    const wrote = writes.some(({ tookEffect }) => tookEffect);
    switch (row.outcome) {
      case 'applied':
        return [
          ...says(
            row.steps.length > 0 && row.steps.every(({ result }) => result === 'applied'),
            'not every step is applied',
          ),
          ...says(isDone || disturbed, missing.join('; ')),
        ];
      case 'in-sync':
        return [
          ...says(!wrote && row.steps.length === 0, 'something was written'),
          ...says(isDone || disturbed, missing.join('; ')),
        ];
      case 'stale':
        return says(
          disturbed || losesCodes(trace, run),
          `nobody else was there: ${row.reason ?? ''}`,
        );
      case 'held':
        return [
          // What passes by itself is held against the clock and the calls, elsewhere.
          ...says(
            change === null || disturbed || PASSING.test(row.reason ?? ''),
            `nothing holds it: ${row.reason ?? ''}`,
          ),
          ...says(!wrote || !PASSING.test(row.reason ?? ''), 'something was written'),
          ...says(change !== null || writes.length === 0, 'something was sent'),
        ];
      case 'not-attempted':
        return says(!wrote, 'something was written');
      case 'failed':
        return says(row.reason !== null, 'no reason is given');
    }
  });

/** 6: rows of the catalog are true: what is applied was sent and is there, what failed is not. */
export const catalogRowsAreTrue: Holds = (trace) =>
  trace.runs.flatMap((run) => {
    if (run.ending.kind !== 'done' || run.ending.report === null) return [];
    const sent = writesOf(trace).filter((write) => write.run === run.index && write.queue === null);
    return run.ending.report.catalog.flatMap(({ name, action, outcome, reason, id }) => {
      const own = sent.filter(
        ({ endpoint, first }) =>
          endpoint === `${action}-code` &&
          (first.log.requestBody as { name?: string } | undefined)?.name === name,
      );
      const took = own.some(({ tookEffect }) => tookEffect);
      const text = `run ${run.index}, ${action} "${name}" (${outcome}): ${reason ?? ''}`;
      const others = isCatalogDisturbed(trace, run) || lagsTooLong(trace, run);
      return tested([
        ...(own.length > 1 ? [`sent ${own.length} times: ${text}`] : []),
        ...(outcome === 'applied' && !took && !others ? [`not so: ${text}`] : []),
        ...(outcome === 'applied' && id === null ? [`no id: ${text}`] : []),
        ...(outcome === 'in-sync' && (took || !others) ? [`not so: ${text}`] : []),
        ...(outcome === 'failed' &&
        took &&
        !others &&
        !own.some(({ last }) => tookEffectTooLate(last)) &&
        !/could not be read/.test(reason ?? '')
          ? [`it took effect: ${text}`]
          : []),
        ...((outcome === 'not-attempted' || outcome === 'held') && took
          ? [`it was sent: ${text}`]
          : []),
      ]);
    });
  });

/** 7: every planned queue is in the report once, and the numbers are those of the rows. */
export const everyQueueOnce: Holds = (trace) =>
  trace.runs.flatMap(({ index, ending }) => {
    if (ending.kind !== 'done' || ending.report === null) return [];
    const { plan, report } = ending;
    const planned = [...new Set([...plan.queues, ...plan.held].map(({ id }) => id))].sort();
    const rows = report.queues.map(({ id }) => id).sort();
    const sum = Object.values(report.summary).reduce((all, count) => all + count, 0);
    return holds(
      JSON.stringify(planned) === JSON.stringify(rows) && sum === rows.length,
      `run ${index}: ${planned.length} queues were planned, ${rows.length} reported, ${sum} summed up`,
    );
  });

/** 7: a pass that ends without a report has not written: an apply never throws halfway. */
export const whatThrowsHasNotWritten: Holds = (trace) =>
  trace.runs.flatMap(({ index, ending }) => {
    if (ending.kind !== 'threw') return [];
    const own = writesOf(trace).filter(({ run }) => run === index);
    return tested(own.map(({ last }) => `and then it threw: ${told(last)}`));
  });

/** The most attempts of one request, and reads of one list. */
const ATTEMPTS = 6;
/** How often something is read for a write that has to wait for longer than a minute each time. */
const READS = 5;
const TEARS = 5;
/** Nothing is repeated so long after its first failure. */
const DEADLINE_MS = 300_000;

/** 7 and 8: a pass throws only after what it needs to read has failed as often as it is tried. */
export const throwsOnlyForCause: Holds = (trace) =>
  trace.runs.flatMap(({ index, ending }) => {
    if (ending.kind !== 'threw') return [];
    const failed = new Map<string, Sent[]>();
    for (const sent of trace.requests.filter(({ run }) => run === index)) {
      const key = `${sent.log.method} ${sent.log.path}`;
      if (!isGood(sent) || sent.log.faults.includes('tear'))
        failed.set(key, [...(failed.get(key) ?? []), sent]);
    }
    const hasCause = [...failed.values()].some((all) => {
      const [first, last] = [all[0] as Sent, all.at(-1) as Sent];
      const torn = all.filter(({ log }) => log.faults.includes('tear')).length;
      return (
        all.length >= ATTEMPTS ||
        torn >= TEARS ||
        // A new token that is refused as well says that there is no use.
        all.filter(({ log }) => log.status === 401).length >= 2 ||
        last.arrived.at - first.arrived.at > DEADLINE_MS - 100_000
      );
    });
    return holds(hasCause, `run ${index} threw: ${String(ending.error)}`);
  });

/** 7: a queue that nothing happened to is done with, whatever happened to others. */
export const othersGoOn: Holds = (trace) =>
  rowsOf(trace).flatMap((reported) => {
    const { run, row, change } = reported;
    if (change === null || run.stopped !== null || isRefused(run)) return [];
    if (row.outcome === 'held' && PASSING.test(row.reason ?? '')) return [];
    if (isDisturbed(trace, run, row.id) || lagsTooLong(trace, run)) return [];
    if (row.outcome === 'applied' || row.outcome === 'in-sync') return [null];
    const own = trace.requests.filter(
      (sent) => sent.run === run.index && (sent.queue === row.id || sent.endpoint === 'login'),
    );
    const isHarmed =
      own.some((sent) => !isGood(sent) && !isThrottled(sent)) ||
      own.filter(isThrottled).length >= Math.min(ATTEMPTS, READS) ||
      own.filter(({ log }) => log.faults.includes('tear')).length >= TEARS;
    const needsCode = change.wrapupCodes?.add.some(({ id }) => id === null) ?? false;
    return holds(
      isHarmed || (needsCode && row.outcome === 'not-attempted'),
      `${named(reported)}: ${row.reason ?? ''}`,
    );
  });

const isRefused = ({ ending }: Run): boolean =>
  ending.kind === 'done' && ending.report?.outcome === 'refused';

/** Refused, and told so: a refusal that came too late is a lost answer. */
const isThrottled = ({ log, isAnswered }: Sent): boolean =>
  isAnswered && (log.status === 429 || log.status === 401);

/** The report counts what was sent. */
export const requestsAreCounted: Holds = (trace) =>
  trace.runs.flatMap(({ index, ending }) => {
    if (ending.kind !== 'done' || ending.report === null) return [];
    const own = trace.requests.filter(({ run, endpoint }) => run === index && endpoint !== 'login');
    const throttled = own.filter(({ log, isAnswered }) => isAnswered && log.status === 429).length;
    const { requests } = ending.report;
    return holds(
      requests.sent === own.length && requests.throttled === throttled,
      `run ${index}: ${own.length} requests and ${throttled} refusals, and it counts ${requests.sent} and ${requests.throttled}`,
    );
  });
