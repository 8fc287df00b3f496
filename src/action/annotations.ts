/** What a runner shows at the lines of the files, and on the page of the run. */
import { relative, sep } from 'node:path';
import type { DiagnosticJson, Plan } from '../domain/change.js';
import { visibleLines, workflowCommand } from '../report/github.js';
import { mergeFindings } from '../report/findings.js';
import { guardSentence, guardsToTell, isIdle, planSentence, writes } from '../report/plan-words.js';
import { visible } from '../report/visible.js';
import { count } from '../report/words.js';
import type { Ending } from './ending.js';
import { ownPart } from './outputs.js';

/** One annotation; its file is relative to the workspace. */
export interface Annotation {
  readonly kind: 'error' | 'warning' | 'notice';
  readonly title: string;
  readonly text: string;
  readonly place: { readonly file: string; readonly line: number } | null;
}

/** A place that a change of this run touched, and what comes of it. */
export interface TouchedLine {
  readonly file: string;
  readonly line: number;
  readonly policy: string;
}

/** So many of a kind a step shows; what is over is dropped by the runner without a word. */
const SHOWN = 10;

/** Everything that is worth an annotation, the worst first. Pure. */
export const annotationsOf = (
  ended: Ending,
  touched: readonly TouchedLine[],
): readonly Annotation[] => [
  ...findingAnnotations(ended.findings),
  ...(ended.plan === null ? [] : planAnnotations(ended.plan, ended)),
  ...rowAnnotations(ended),
  ...ended.notes.map((text): Annotation => ({
    kind: 'notice',
    title: 'Wrapkeeper',
    text,
    place: null,
  })),
  ...(ended.plan === null ? [] : touched.flatMap(effectAt(ended.plan))),
];

const findingAnnotations = (findings: readonly DiagnosticJson[]): readonly Annotation[] =>
  mergeFindings(findings).map(({ finding, queues }): Annotation => ({
    kind: finding.severity,
    title: finding.code,
    text: [
      finding.message,
      ...(queues.length === 0
        ? []
        : [
            `on ${queues.slice(0, SHOWN).join(', ')}${queues.length > SHOWN ? ` and ${queues.length - SHOWN} more` : ''}`,
          ]),
      ...(finding.remedy === null ? [] : [`help: ${finding.remedy}`]),
    ].join('\n'),
    place: finding.file === null ? null : { file: finding.file, line: finding.line ?? 1 },
  }));

/** Warnings of a plan, guards that say something, and that nothing of it would be written. */
const planAnnotations = (plan: Plan, { report }: Ending): readonly Annotation[] => {
  const guards = (report?.guards ?? plan.guards).filter(({ verdict }) => verdict === 'refuse');
  const own = ownPart(plan);
  const isHeldWhole = !isIdle(own) && !writes(own);
  return [
    // A report repeats them.
    ...findingAnnotations(report?.diagnostics ?? plan.diagnostics),
    ...guardsToTell(guards).map((guard): Annotation => ({
      kind: report === null ? 'warning' : 'error',
      title: `guard ${guard.measure}`,
      text: guardSentence(guard),
      place: null,
    })),
    ...(isHeldWhole
      ? [
          {
            kind: 'warning',
            title: 'Everything is held',
            text: `${planSentence(own)} ${heldBy(own)}`,
            place: null,
          } as const,
        ]
      : []),
  ];
};

const heldBy = ({ held }: Plan): string => {
  const numbers = new Map<string, number>();
  for (const { by } of held) numbers.set(by, (numbers.get(by) ?? 0) + 1);
  return [...numbers].map(([by, number]) => `${count(number, 'change')} by ${by}`).join(', ') + '.';
};

/** Queues and codes that did not become what was planned. */
const rowAnnotations = ({ report }: Ending): readonly Annotation[] =>
  [...(report?.catalog ?? []), ...(report?.queues ?? [])]
    .filter(({ outcome }) => outcome === 'failed' || outcome === 'stale')
    .map(({ name, outcome, reason }) => ({
      kind: 'error',
      title: `${outcome}: ${name}`,
      text: reason ?? outcome,
      place: null,
    }));

/** What changes on the queues under a policy that this change has touched. */
const effectAt =
  ({ queues, base }: Plan) =>
  ({ policy, file, line }: TouchedLine): readonly Annotation[] => {
    const own = base === undefined ? null : new Set<string>(base.queues);
    const rows = queues.filter(
      ({ id, policies }) => policies.includes(policy) && (own?.has(id) ?? true),
    );
    if (rows.length === 0) return [];
    const sum = (of: 'add' | 'remove'): number =>
      rows.reduce((total, { wrapupCodes }) => total + (wrapupCodes?.[of].length ?? 0), 0);
    const work = rows.filter(({ afterCallWork }) => afterCallWork !== undefined).length;
    const text = `${count(rows.length, 'queue')} under \`${policy}\` would change: +${count(sum('add'), 'code')}, −${sum('remove')}, after-call work on ${work}.`;
    const kind = sum('remove') > 0 ? 'warning' : 'notice';
    return [{ kind, title: `What ${policy} changes`, text, place: { file, line } }];
  };

/** At most ten of a kind; where there are more, the tenth says how many. */
export const limitAnnotations = (all: readonly Annotation[]): readonly Annotation[] =>
  (['error', 'warning', 'notice'] as const).flatMap((kind) => {
    const of = all.filter((one) => one.kind === kind);
    if (of.length <= SHOWN) return of;
    const rest: Annotation = {
      kind,
      title: 'Wrapkeeper',
      text: `And ${of.length - SHOWN + 1} more of this kind: the job summary has them.`,
      place: null,
    };
    return [...of.slice(0, SHOWN - 1), rest];
  });

/** As commands to the runner. `prefix` leads from the workspace to where the places of findings begin. */
export const renderAnnotations = (annotations: readonly Annotation[], prefix: string): string =>
  annotations
    .map(({ kind, title, text, place }) =>
      workflowCommand(
        kind,
        {
          ...(place === null ? {} : { file: visible(`${prefix}${place.file}`), line: place.line }),
          title: visible(title),
        },
        visibleLines([text]),
      ),
    )
    .join('');

/** @example prefixOf('/home/runner/repo', '/home/runner/repo/contact-centre') // 'contact-centre/' */
export const prefixOf = (workspace: string, root: string): string => {
  const path = relative(workspace, root);
  return path === '' || path.startsWith('..') ? '' : `${path.split(sep).join('/')}/`;
};
