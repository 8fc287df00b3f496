/** `wrapkeeper init`: settings, a first policy, workflows. Asks on a terminal; what is there already stays as it is. */
import { readFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { EXIT } from '../domain/codes.js';
import type { ExitCode } from '../domain/codes.js';
import { asWarning, diagnosticJson } from '../domain/diagnostics.js';
import type { Diagnostic } from '../domain/diagnostics.js';
import { PLAN_FORMAT } from '../domain/change.js';
import { AppError } from '../domain/errors.js';
import { UUID } from '../domain/ids.js';
import { quote, spellInvisible } from '../domain/text.js';
import { findRegion } from '../genesys/endpoint.js';
import { readPolicyFiles, SETTINGS_FILE } from '../git/policy-files.js';
import { parseSettings } from '../policy/parse-settings.js';
import type { Settings } from '../policy/settings.js';
import { renderInitText } from '../report/init.js';
import type { InitReport } from '../report/init.js';
import { renderJson } from '../report/json.js';
import { openReader } from './connection.js';
import { DEFAULT_REGION } from './environment.js';
import { initFiles, pilotFile } from './init-files.js';
import type { InitFacts, InitFile } from './init-files.js';
import { nextSteps } from './init-steps.js';
import { isThere, writeNewFiles } from './new-files.js';
import { Questions } from './questions.js';
import type { Check } from './questions.js';
import { readRelease } from './release.js';
import { findRepository, findRoot } from './root.js';
import type { Session } from './session.js';
import { PassStatus } from './status.js';
import { loadSettings } from './workspace.js';

export interface InitOptions {
  readonly yes?: boolean;
  readonly region?: string;
  readonly organization?: string;
  readonly queue?: string;
  readonly owner?: readonly string[];
  /** False with `--no-github`. */
  readonly github: boolean;
}

export const runInit = async (session: Session, options: InitOptions): Promise<ExitCode> => {
  const { screen, format } = session;
  const folder = await folderOf(session);
  const found = await settingsOf(session, folder);
  const elsewhere = folder !== session.folder;
  const { facts, findings } = await findOut(session, folder, found, options);
  const hasPolicies = (await readPolicyFiles(folder, facts.policies)).files.length > 0;
  const files = initFiles(facts).filter(({ path }) => !(hasPolicies && path === pilotFile(facts)));
  const split = await Promise.all(
    files.map(async (file) => ({ file, kept: await whyKept(folder, file) })),
  );
  const created = split.flatMap(({ file, kept }) => (kept === null ? [file] : []));
  await writeAll(folder, created);
  const report: InitReport = {
    kind: 'Init',
    formatVersion: PLAN_FORMAT,
    folder,
    organization: facts.organization,
    created: created.map(({ path, about }) => ({ path, about })),
    kept: split
      .flatMap(({ kept }) => kept ?? [])
      .map((row) =>
        elsewhere && row.path === SETTINGS_FILE ? { ...row, advice: foundAt(folder) } : row,
      ),
    next: created.length === 0 ? [] : nextSteps(facts, { ...found, hasPolicies, created }),
    diagnostics: findings.map(diagnosticJson),
  };
  await screen.print(format === 'json' ? renderJson(report) : renderInitText(report, screen.out));
  return EXIT.done;
};

/** Where the settings are already, or the folder itself: a repository may hold more than policies. */
const folderOf = async ({ folder }: Session): Promise<string> => {
  const root = await findRoot(folder);
  return (await isThere(join(root, SETTINGS_FILE))) ? root : folder;
};

/** Whoever begins in a folder below other settings has to know that nothing was looked for, or written, in it. */
const foundAt = (folder: string): string =>
  `is there already, in ${folder}, and counts in all folders below it; where this folder is for another organization, move those settings into a folder of their own`;

/** Where a folder lies in its repository of git, with forward slashes; empty at its top, and outside of one. */
const placeInRepository = async (folder: string): Promise<string> =>
  relative((await findRepository(folder)) ?? folder, folder)
    .split(sep)
    .join('/');

interface Found {
  readonly settings: Settings;
  /** Whether workflows can work with them: runners of GitHub keep no folder. */
  readonly suitsRunners: boolean;
}

/** Settings that are there already count; otherwise their defaults. */
const settingsOf = async (session: Session, folder: string): Promise<Found> => {
  if (!(await isThere(join(folder, SETTINGS_FILE)))) {
    const { settings } = parseSettings(null, { now: session.io.clock.now(), ci: false });
    return { settings, suitsRunners: true };
  }
  const { settings } = await loadSettings(session);
  return { settings, suitsRunners: 'branch' in settings.journal.store };
};

interface FoundOut {
  readonly facts: InitFacts;
  readonly findings: readonly Diagnostic[];
}

/** What flags, environment and settings do not say is asked for. */
const findOut = async (
  session: Session,
  folder: string,
  { settings, suitsRunners }: Found,
  options: InitOptions,
): Promise<FoundOut> => {
  const { io, version } = session;
  const questions = new Questions(session, options.yes !== true);
  const ask = (said: string | undefined, question: string, byDefault: string, check: Check) =>
    said === undefined ? questions.ask(question, byDefault, check) : mustPass(said, check);
  try {
    const region = await ask(
      options.region ?? (io.env['GENESYSCLOUD_REGION']?.trim() || settings.region) ?? undefined,
      'Region of the organization',
      DEFAULT_REGION,
      whyNoRegion,
    );
    const read = await readOrganization(session, settings, { ...options, region });
    const id = await ask(
      options.organization ?? read.organization?.id,
      'Id of the organization',
      '',
      whyNoId,
    );
    const queue = await ask(
      options.queue,
      'Queues of the first policy, a name or a pattern',
      'Pilot *',
      whyNoName,
    );
    const github =
      options.github &&
      (await isYes(questions, 'Let GitHub plan and apply?', suitsRunners ? 'yes' : 'no'));
    const owners = github
      ? await ask(
          options.owner?.join(' '),
          'Who reviews settings and allowances, such as @acme/contact-centre',
          '',
          whyNoOwner,
        )
      : '';
    const [first = 'policies', ...others] = settings.policies;
    return {
      facts: {
        release: await readRelease(version),
        folder: await placeInRepository(folder),
        organization: read.organization ?? (id === '' ? null : { id, name: null }),
        region,
        policies: [first, ...others],
        queue,
        github,
        owners: owners.split(/[\s,]+/).filter((owner) => owner !== ''),
      },
      findings: read.findings,
    };
  } finally {
    questions.close();
  }
};

const isYes = async (
  questions: Questions,
  question: string,
  byDefault: 'yes' | 'no',
): Promise<boolean> => {
  const check: Check = (answer) => (/^(y|yes|n|no)$/i.test(answer) ? null : 'Answer yes or no.');
  return /^y/i.test(await questions.ask(question, byDefault, check));
};

/** @throws AppError `cli.usage` */
const mustPass = (said: string, check: Check): string => {
  const wrong = check(said);
  if (wrong !== null) throw new AppError('cli.usage', wrong);
  return said;
};

const whyNoRegion: Check = (answer) => {
  try {
    findRegion(answer);
    return null;
  } catch (error) {
    if (error instanceof AppError) return error.message;
    throw error;
  }
};

const whyNoId: Check = (answer) =>
  UUID.test(answer)
    ? null
    : `${quote(answer)} is no id such as 7fb334b0-0e9e-11e4-9191-0800200c9a66.`;

const whyNoName: Check = (answer) =>
  answer !== '' && spellInvisible(answer) === answer
    ? null
    : `${quote(answer)} holds a character that cannot be seen.`;

const whyNoOwner: Check = (answer) => {
  const wrong = answer
    .split(/[\s,]+/)
    .find((owner) => !/^@[\w.-]+(\/[\w.-]+)?$|^[^\s@]+@[^\s@]+$/.test(owner));
  return wrong === undefined
    ? null
    : `${quote(wrong)} is no owner such as @acme/contact-centre or j.doe@example.com.`;
};

/** Whose organization the credentials of the environment belong to: one request. A failure is told, and stops nothing. */
const readOrganization = async (
  session: Session,
  settings: Settings,
  { region, organization }: { readonly region: string; readonly organization?: string },
): Promise<Pick<FoundOut, 'findings'> & Pick<InitFacts, 'organization'>> => {
  const known = organization ?? settings.organizationId;
  if (known !== null) return { organization: { id: known, name: null }, findings: [] };
  const { io, screen } = session;
  try {
    const connection = await openReader(session, {
      settings,
      region,
      signal: io.signal,
      status: new PassStatus(screen),
    });
    try {
      const { id, name } = await connection.reader.organization();
      return { organization: { id, name }, findings: [] };
    } finally {
      await connection.close();
    }
  } catch (error) {
    if (!(error instanceof AppError) || error.code === 'cli.interrupted') throw error;
    // Whoever has no credentials yet has made no mistake.
    const findings = error.code === 'genesys.no-credentials' ? [] : error.diagnostics;
    return { organization: null, findings: findings.map(asWarning) };
  }
};

/** What stands in the way of a file, or null where it can be written. */
const whyKept = async (
  folder: string,
  { path, otherwise = [], wants }: InitFile,
): Promise<InitReport['kept'][number] | null> => {
  const places = [path, ...otherwise];
  const there = await Promise.all(places.map((place) => isThere(join(folder, place))));
  const found = places.find((_, at) => there[at] === true);
  if (found === undefined) return null;
  if (wants === undefined) return { path: found, advice: null };
  const text = await readFile(join(folder, found), 'utf8').catch(() => '');
  return {
    path: found,
    advice: wants.pattern.test(text) ? null : `is there already; ${wants.advice}`,
  };
};

const writeAll = async (folder: string, files: readonly InitFile[]): Promise<void> => {
  const failed = await writeNewFiles(
    files.map(({ path, text }) => ({ path: join(folder, path), text })),
  );
  if (failed === null) return;
  const file = files.find(({ path }) => join(folder, path) === failed.path);
  throw new AppError(
    'init.unwritable',
    `${file?.path ?? failed.path} could not be written: ${failed.why}.`,
  );
};
