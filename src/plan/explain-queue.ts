/** Everything about one queue: what is wanted and by whom, what is there, what would change, and what holds it. */
import type { AfterCallWorkChange, DiagnosticJson, Hold, Plan } from '../domain/change.js';
import { PLAN_FORMAT } from '../domain/change.js';
import { diagnosticJson } from '../domain/diagnostics.js';
import type { Diagnostic } from '../domain/diagnostics.js';
import type { CodeId } from '../domain/ids.js';
import { formatDuration } from '../domain/duration.js';
import { BYPASSES } from '../domain/requirement.js';
import type { Requirement } from '../domain/requirement.js';
import type {
  LiveAfterCallWork,
  LiveQueue,
  LiveQueueCodes,
  Organization,
} from '../domain/state.js';
import type { QueueDrift } from '../diff/detect-drift.js';
import { effectiveAfterCallWork } from '../diff/after-call-work.js';
import type { Provenance } from '../policy/model.js';
import type { DesiredQueue, DesiredSections } from '../resolve/model.js';
import { selectorText } from '../resolve/selector-text.js';
import type { CodeWish, QueueTrace, Standing, WorkWish } from '../resolve/trace-queue.js';
import type { ForecastHold } from './forecast.js';
import { splitDrift } from './split.js';
import type { QueueSplit, Sections } from './split.js';

/** A place in a policy. */
export interface Origin {
  readonly policy: string;
  readonly file: string;
  readonly line: number;
}

/** Why something that a policy says does not count; instants are ISO 8601. */
export interface WhyNot {
  readonly kind: Exclude<Standing['kind'], 'counts'>;
  /** What it gives way to, where that is something that a policy or the catalog says. */
  readonly by: Origin | null;
  /** When its period begins or has ended. */
  readonly at: string | null;
}

/** A policy that means the queue, or nearly does. */
export interface ExplainedPolicy extends Origin {
  readonly owner: string | null;
  readonly priority: number;
  readonly combine: 'merge' | 'replace';
  readonly enforcement: 'enforce' | 'report';
  /** Whether anything that it says counts for this queue: `reports` where that is only reported. */
  readonly standing: 'counts' | 'reports' | 'excluded' | 'not-yet' | 'over' | 'nearly';
  /** When its period begins or has ended, where that is why. */
  readonly at: string | null;
  /** The entries of `include` that mean the queue. */
  readonly entries: readonly (Pick<Origin, 'file' | 'line'> & { readonly text: string })[];
  /** Where the entry stands that excludes it, or nearly means it; why, where that needs words. */
  readonly because: (Pick<Origin, 'file' | 'line'> & { readonly text: string | null }) | null;
  readonly suspended: {
    readonly by: string;
    readonly reason: string;
    readonly until: string;
  } | null;
}

/** What keeps a change from being written. */
export interface ExplainedHold {
  readonly by: Hold;
  readonly reason: string;
  readonly until: string | null;
}

/** What becomes of a difference: it is written, or held for the first of the reasons. */
export interface Outcome<Action> {
  readonly action: Action;
  readonly held: ExplainedHold | null;
}

/** A wish that does not count. */
export interface Overridden extends Origin {
  readonly says: string;
  readonly why: WhyNot;
}

export interface ExplainedWork {
  readonly live: LiveAfterCallWork;
  /** null: no policy that is enforced manages it. */
  readonly wanted: (LiveAfterCallWork & { readonly from: readonly Origin[] }) | null;
  readonly change: Outcome<AfterCallWorkChange> | null;
  readonly overridden: readonly Overridden[];
}

/** A row of the requirement matrix: what it asks for, and whether the API can enforce it. */
export interface ExplainedRow extends Requirement {
  readonly requiredIs: Enforcement | null;
  readonly bypassIs: Enforcement | null;
}

/** `enforced`: the platform sees to it. `advisory`: it is checked and reported alone. */
export type Enforcement = 'enforced' | 'advisory';

export interface ExplainedCode {
  /** null while the catalog has still to create it. */
  readonly id: CodeId | null;
  readonly name: string;
  readonly live: boolean;
  /**
   * `listed`: by a policy that counts; `reported`: by policies in report mode alone; `forbidden` and `retired`: it must
   * go; `left-over`: so it must, as a policy that listed it has ended; `unlisted`: by nobody.
   */
  readonly wanted: 'listed' | 'reported' | 'forbidden' | 'retired' | 'left-over' | 'unlisted';
  /** Who lists it, or does not want it. */
  readonly from: readonly Origin[];
  readonly row: ExplainedRow | null;
  readonly change: Outcome<'add' | 'remove' | 'update'> | null;
  readonly overridden: readonly Overridden[];
}

export interface ExplainedCodes {
  /** null: no policy that is enforced manages them. */
  readonly unlisted: 'remove' | 'keep' | null;
  /** Who says so. */
  readonly from: readonly Origin[];
  /** By name. */
  readonly codes: readonly ExplainedCode[];
  /** Sections that do not count. */
  readonly overridden: readonly Overridden[];
}

/** The answer of `explain`. */
export interface Explanation {
  readonly kind: 'Explanation';
  readonly formatVersion: typeof PLAN_FORMAT;
  readonly organization: Organization;
  readonly region: string;
  readonly api: Plan['api'];
  readonly queue: { readonly id: string; readonly name: string; readonly division: string };
  readonly policies: readonly ExplainedPolicy[];
  readonly afterCallWork: ExplainedWork;
  readonly wrapupCodes: ExplainedCodes;
  /** Everything that holds the queue, whether or not there is something to hold. */
  readonly holds: readonly (ExplainedHold & { readonly sections: readonly string[] })[];
  /** How many sections would be written, and how many are held: nothing where all is in sync. */
  readonly summary: { readonly written: number; readonly held: number };
  readonly diagnostics: readonly DiagnosticJson[];
  /** Errors about other queues, because of which `plan` and `apply` stop all the same. */
  readonly errorsElsewhere: number;
  /** Requests that it took. */
  readonly requests: number;
}

export interface ExplainInput {
  readonly organization: Organization;
  readonly region: string;
  readonly api: Plan['api'];
  readonly queue: LiveQueue;
  readonly trace: QueueTrace;
  /** null where no policy governs it. */
  readonly drift: QueueDrift | null;
  /** The queue's codes. */
  readonly codes: LiveQueueCodes;
  /** What passes by itself, and holds it now. */
  readonly forecast: ForecastHold | null;
  readonly diagnostics: readonly Diagnostic[];
  readonly errorsElsewhere: number;
  readonly requests: number;
}

const NOTHING: Sections = { afterCallWork: null, wrapupCodes: null };
const UNMANAGED: DesiredSections = { afterCallWork: null, wrapupCodes: null };

/** Puts the answer together. Pure. */
export const explainQueue = (input: ExplainInput): Explanation => {
  const { queue, trace, drift, forecast } = input;
  const split: QueueSplit = drift === null ? { change: NOTHING, held: [] } : splitDrift(drift);
  const fates = fatesOf(split, forecast);
  const sections = fates.flatMap(({ sections: { afterCallWork, wrapupCodes }, held }) =>
    [afterCallWork, wrapupCodes].flatMap((change) => (change === null ? [] : [held])),
  );
  return {
    kind: 'Explanation',
    formatVersion: PLAN_FORMAT,
    organization: { id: input.organization.id, name: input.organization.name },
    region: input.region,
    api: input.api,
    queue: { id: queue.id, name: queue.name, division: queue.division.name },
    policies: trace.policies.map(explainPolicy),
    afterCallWork: explainWork(queue, trace.afterCallWork, drift?.desired ?? null, fates),
    wrapupCodes: explainCodes(input, fates),
    holds: holdsOf(drift?.desired ?? null, forecast),
    summary: {
      written: sections.filter((held) => held === null).length,
      held: sections.filter((held) => held !== null).length,
    },
    diagnostics: input.diagnostics.map(diagnosticJson),
    errorsElsewhere: input.errorsElsewhere,
    requests: input.requests,
  };
};

/** Changes with what holds them; what is written comes first. */
interface Fate {
  readonly sections: Sections;
  readonly held: ExplainedHold | null;
}

const fatesOf = ({ change, held }: QueueSplit, forecast: ForecastHold | null): readonly Fate[] => [
  { sections: change, held: forecast === null ? null : explainHold(forecast) },
  ...held.map((entry) => ({ sections: entry, held: explainHold(entry) })),
];

const explainHold = ({
  by,
  reason,
  until,
}: {
  readonly by: Hold;
  readonly reason: string;
  readonly until: number | null;
}): ExplainedHold => ({ by, reason, until: until === null ? null : iso(until) });

const holdsOf = (
  desired: DesiredQueue | null,
  forecast: ForecastHold | null,
): Explanation['holds'] => {
  const all = [
    ...(desired?.holds ?? []),
    ...(forecast === null
      ? []
      : (['afterCallWork', 'wrapupCodes'] as const).map((section) => ({ ...forecast, section }))),
  ];
  const groups = new Map<string, { readonly hold: ExplainedHold; readonly sections: string[] }>();
  for (const { section, ...hold } of all) {
    const explained = explainHold(hold);
    const key = JSON.stringify(explained);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { hold: explained, sections: [section] });
    else if (!group.sections.includes(section)) group.sections.push(section);
  }
  return [...groups.values()].map(({ hold, sections }) => ({ ...hold, sections }));
};

const explainPolicy = ({
  policy,
  standing,
  entries,
}: QueueTrace['policies'][number]): ExplainedPolicy => ({
  ...originOf(policy.from),
  owner: policy.owner,
  priority: policy.priority,
  combine: policy.combine,
  enforcement: policy.enforcement,
  standing: standing.kind,
  at: whenOf(standing),
  entries: entries.map((entry) => {
    const { file, line } = entry.from.span;
    return { file, line, text: selectorText(entry) };
  }),
  because:
    standing.kind === 'excluded' || standing.kind === 'nearly'
      ? {
          file: standing.by.span.file,
          line: standing.by.span.line,
          text: standing.kind === 'nearly' ? standing.why : excludingText(policy, standing.by),
        }
      : null,
  suspended:
    policy.suspend === null
      ? null
      : {
          by: policy.suspend.by,
          reason: policy.suspend.reason,
          until: iso(policy.suspend.until),
        },
});

const excludingText = (
  { exclude }: QueueTrace['policies'][number]['policy'],
  { span }: Provenance,
): string | null => {
  const entry = exclude.find(({ from }) => from.span === span);
  return entry === undefined ? null : selectorText(entry);
};

const explainWork = (
  queue: LiveQueue,
  wishes: readonly WorkWish[],
  desired: DesiredQueue | null,
  fates: readonly Fate[],
): ExplainedWork => {
  const wanted = (desired?.enforced ?? UNMANAGED).afterCallWork;
  const change = fates.flatMap(({ sections: { afterCallWork }, held }) =>
    afterCallWork === null ? [] : [{ action: afterCallWork, held }],
  );
  return {
    live: effectiveAfterCallWork(queue.afterCallWork),
    wanted:
      wanted === null
        ? null
        : { prompt: wanted.prompt, timeoutMs: wanted.timeoutMs, from: wanted.from.map(originOf) },
    change: change[0] ?? null,
    overridden: wishes.flatMap(({ from, says, standing }) =>
      overridden(from, says === 'unmanaged' ? says : workText(says), standing),
    ),
  };
};

const workText = ({ prompt, timeoutMs }: Exclude<WorkWish['says'], 'unmanaged'>): string =>
  timeoutMs === null ? prompt : `${prompt}, ${formatDuration(timeoutMs)}`;

const explainCodes = (
  { trace, drift, codes: live, api }: ExplainInput,
  fates: readonly Fate[],
): ExplainedCodes => {
  const enforced = drift?.desired.enforced ?? UNMANAGED;
  const full = drift?.desired.full ?? UNMANAGED;
  const rows = new Map<string, ExplainedCode>();
  const wishesOf = new Map<string, CodeWish[]>();
  for (const wish of trace.codes) {
    const wishes = wishesOf.get(wish.key);
    if (wishes === undefined) wishesOf.set(wish.key, [wish]);
    else wishes.push(wish);
  }
  const isLive = new Set<string>(live.codes.map(({ id }) => id));
  const add = (key: string, id: CodeId | null, name: string): void => {
    if (rows.has(key)) return;
    const wishes = wishesOf.get(key) ?? [];
    const listed = enforced.wrapupCodes?.listed.get(key);
    const reported = full.wrapupCodes?.listed.get(key);
    const unwanted = id === null ? undefined : enforced.wrapupCodes?.unwanted.get(id);
    const by = listed ?? unwanted ?? reported;
    rows.set(key, {
      id,
      name,
      live: isLive.has(key),
      wanted:
        listed !== undefined
          ? 'listed'
          : unwanted !== undefined
            ? unwantedAs(wishes)
            : reported !== undefined
              ? 'reported'
              : 'unlisted',
      from: (by?.from ?? []).map(originOf),
      row: listed === undefined ? null : explainRow(listed.requirement, enforced, api),
      change: fateOf(key, name, fates),
      overridden: wishes
        .filter(({ says }) => says === 'list')
        .flatMap(({ from, standing, name: called }) => overridden(from, called, standing)),
    });
  };
  for (const [key, { id, name }] of enforced.wrapupCodes?.listed ?? []) add(key, id, name);
  for (const [key, { id, name }] of full.wrapupCodes?.listed ?? []) add(key, id, name);
  for (const { id, name } of live.codes) add(id, id, name);
  // A code that is neither there nor wanted is told where a policy speaks of it.
  for (const { key, name, says } of trace.codes)
    if (says !== 'retire') add(key, key.startsWith('new:') ? null : (key as CodeId), name);
  return {
    unlisted: enforced.wrapupCodes?.unlisted ?? null,
    from: trace.lists
      .filter(
        ({ says, standing }) =>
          standing.kind === 'counts' && says === enforced.wrapupCodes?.unlisted,
      )
      .map(({ from }) => originOf(from)),
    codes: [...rows.values()].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0)),
    overridden: trace.lists.flatMap(({ from, says, standing }) =>
      overridden(from, says === 'unmanaged' ? says : `unlisted: ${says}`, standing),
    ),
  };
};

/** Why a code must go, the reason that a person chose first. */
const unwantedAs = (wishes: readonly CodeWish[]): 'forbidden' | 'retired' | 'left-over' => {
  if (wishes.some(({ says, standing }) => says === 'forbid' && standing.kind === 'counts'))
    return 'forbidden';
  return wishes.some(({ says }) => says === 'retire') ? 'retired' : 'left-over';
};

/** The first fate that speaks of the code; one that is yet to be created is known by its name. */
const fateOf = (key: string, name: string, fates: readonly Fate[]): ExplainedCode['change'] => {
  const is = (code: { readonly id: CodeId | null; readonly name: string }): boolean =>
    code.id === null ? `new:${code.name}` === key || code.name === name : code.id === key;
  for (const { sections, held } of fates) {
    const { add = [], remove = [], update = [] } = sections.wrapupCodes ?? {};
    const action = add.some(is)
      ? 'add'
      : remove.some(is)
        ? 'remove'
        : update.some(is)
          ? 'update'
          : null;
    if (action !== null) return { action, held };
  }
  return null;
};

/**
 * A row with what becomes of it.
 *
 * | api              | `required: true`                     | a bypass that is true |
 * |------------------|--------------------------------------|-----------------------|
 * | public           | enforced under MANDATORY, else advisory | advisory           |
 * | wrapupcodes-put  | enforced: it is written              | enforced              |
 */
const explainRow = (
  requirement: Requirement,
  { afterCallWork }: DesiredSections,
  api: Plan['api'],
): ExplainedRow => {
  const written = api === 'wrapupcodes-put';
  return {
    ...requirement,
    requiredIs: !requirement.required
      ? null
      : written || afterCallWork?.prompt === 'MANDATORY'
        ? 'enforced'
        : 'advisory',
    bypassIs: !BYPASSES.some((flag) => requirement.bypass[flag])
      ? null
      : written
        ? 'enforced'
        : 'advisory',
  };
};

const overridden = (from: Provenance, says: string, standing: Standing): readonly Overridden[] =>
  standing.kind === 'counts'
    ? []
    : [
        {
          ...originOf(from),
          says,
          why: {
            kind: standing.kind,
            by: 'by' in standing ? originOf(standing.by) : null,
            at: whenOf(standing),
          },
        },
      ];

const whenOf = (standing: QueueTrace['policies'][number]['standing'] | Standing): string | null =>
  standing.kind === 'not-yet'
    ? iso(standing.from)
    : standing.kind === 'over'
      ? iso(standing.since)
      : null;

const originOf = ({ policy, span: { file, line } }: Provenance): Origin => ({ policy, file, line });

const iso = (ms: number): string => new Date(ms).toISOString();
