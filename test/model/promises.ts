/** The promises of design section 6, by name: a failing case says which of them is broken. */
import * as limits from './promises-of-limits.js';
import * as outcome from './promises-of-outcome.js';
import * as reports from './promises-of-reports.js';
import * as writes from './promises-of-writes.js';
import type { Holds } from './promises-of-writes.js';
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
  '5: adds rest on a read': writes.addsRestOnARead,
  '5: removals rest on a read that shows the adds': writes.removalsRestOnARead,
  '5: a PUT changes nothing else': writes.putChangesNothingElse,
  '5: other fields survive': writes.otherFieldsSurvive,
  '5: edits of others are told': writes.othersEditsAreTold,
  '6: no write is repeated blindly': writes.noBlindRepeat,
  '6: steps are true': reports.stepsAreTrue,
  '6: rows are true': reports.rowsAreTrue,
  '6: rows of the catalog are true': reports.catalogRowsAreTrue,
  '7: every planned queue is reported once': reports.everyQueueOnce,
  '7: what throws has not written': reports.whatThrowsHasNotWritten,
  '7: a pass throws only for cause': reports.throwsOnlyForCause,
  '7: a failure stops no other queue': reports.othersGoOn,
  '8: nothing is written that calm would not': outcome.onlyWhatCalmWouldWrite,
  '11: the limit is kept': limits.limitIsKept,
  '11: Retry-After is obeyed': limits.retryAfterIsObeyed,
  'the report counts its requests': reports.requestsAreCounted,
};

/** Every breach, each with the promise that it breaks. */
export const breaches = (trace: Trace): readonly string[] =>
  Object.entries(PROMISES).flatMap(([name, holds]) =>
    holds(trace).map((breach) => `[${name}] ${breach}`),
  );
