/** The promises of design section 6, by name: a failing case says which of them is broken. */
import type { Holds } from './finding.js';
import * as journal from './promises-of-journal.js';
import * as limits from './promises-of-limits.js';
import * as lists from './promises-of-lists.js';
import * as outcome from './promises-of-outcome.js';
import * as reads from './promises-of-reads.js';
import * as reports from './promises-of-reports.js';
import * as runs from './promises-of-runs.js';
import * as writes from './promises-of-writes.js';
import type { Trace } from './trace.js';

const PROMISES: Readonly<Record<string, Holds>> = {
  '2: a plan after a calm apply is empty': outcome.calmLeavesNothing,
  '2: the storm ends where the calm would': outcome.endsWhereTheCalmWould,
  '3: fewest writes': writes.fewestWrites,
  '3: no PUT of what is there': writes.noPointlessPut,
  '3: a calm apply costs what the plan said': outcome.calmCostsWhatItSaid,
  '3: a calm plan reads everything once': outcome.calmReadsOnce,
  '4: catalog, adds, after-call work, removals': writes.inOrder,
  '4: what stays is there all the time': writes.keepsWhatStays,
  '4: a MANDATORY queue has a code': writes.mandatoryHasACode,
  '5: adds rest on a read': reads.addsRestOnARead,
  '5: removals rest on a read that shows the adds': reads.removalsRestOnARead,
  '5: a PUT changes nothing else': reads.putChangesNothingElse,
  '5: other fields survive': reads.otherFieldsSurvive,
  '5: edits of others are told': reads.othersEditsAreTold,
  '6: no write is repeated blindly': writes.noBlindRepeat,
  '6: steps are true': reports.stepsAreTrue,
  '6: rows are true': reports.rowsAreTrue,
  '6: rows of the catalog are true': reports.catalogRowsAreTrue,
  '7: every planned queue is reported once': reports.everyQueueOnce,
  '7: what throws has not written': reports.whatThrowsHasNotWritten,
  '7: a pass throws only for cause': reports.throwsOnlyForCause,
  '7: a failure stops no other queue': reports.othersGoOn,
  '8: nothing is written that calm would not': outcome.onlyWhatCalmWouldWrite,
  '8: a torn list is read again': lists.tearsAreReadAgain,
  '8: a code is created after it was asked for': lists.creationsAreConfirmed,
  '8: codes are added after a second look': lists.additionsAreConfirmed,
  '9: guards hold': runs.guardsHold,
  '11: the limit is kept': limits.limitIsKept,
  '11: Retry-After is obeyed': limits.retryAfterIsObeyed,
  '12: a stop is gentle': runs.stopsGently,
  'journal: an intent comes first': journal.intentsComeFirst,
  'journal: no intent is left open': journal.intentsAreClosed,
  'journal: every change is told': journal.changesAreTold,
  'journal: nothing else is told': journal.nothingElseIsTold,
  'windows hold': runs.windowsHold,
  'busy queues are left': runs.busyQueuesAreLeft,
  'holds have a cause': runs.holdsHaveCause,
  'the report counts its requests': reports.requestsAreCounted,
};

/** What all promises say of a case. */
export interface Judgement {
  /** Every breach, each with the promise that it breaks. */
  readonly breaches: readonly string[];
  /** How often each promise was put to the test, by its name. */
  readonly tests: ReadonlyMap<string, number>;
}

export const judge = (trace: Trace): Judgement => {
  const found = Object.entries(PROMISES).map(([name, holds]) => ({ name, findings: holds(trace) }));
  return {
    breaches: found.flatMap(({ name, findings }) =>
      findings.flatMap((finding) => (finding === null ? [] : [`[${name}] ${finding}`])),
    ),
    tests: new Map(found.map(({ name, findings }) => [name, findings.length])),
  };
};
