/** `wrapkeeper import`: the live organization becomes policy files. It is given a connection that cannot write. */
import { isAbsolute, join, relative, resolve, sep } from 'node:path';
import { readForImport } from '../apply/read-import.js';
import type { OrgToImport } from '../apply/read-import.js';
import { EXIT } from '../domain/codes.js';
import type { ExitCode } from '../domain/codes.js';
import { diagnosticJson, hasErrors, warning } from '../domain/diagnostics.js';
import type { Diagnostic } from '../domain/diagnostics.js';
import { AppError, invalidInput } from '../domain/errors.js';
import type { LiveQueue } from '../domain/state.js';
import { quote } from '../domain/text.js';
import { divisionFiles, importQueues } from '../plan/import-org.js';
import type { ImportedDivision } from '../plan/import-org.js';
import { identifyOrganization } from '../apply/read-org.js';
import { importReport, renderImportText } from '../report/import.js';
import type { ImportReport } from '../report/import.js';
import { renderJson } from '../report/json.js';
import { renderPolicyFiles } from '../report/policy-yaml.js';
import { openReader } from './connection.js';
import { isThere, writeNewFiles } from './new-files.js';
import { selectNames } from './selection.js';
import type { Session } from './session.js';
import { PassStatus } from './status.js';
import { readWorkspace } from './workspace.js';
import type { Workspace } from './workspace.js';

export interface ImportOptions {
  readonly queue?: readonly string[];
  readonly division?: readonly string[];
  readonly out?: string;
  readonly region?: string;
}

/** Where the schema lies that the first line of every file names; `init` writes it there. */
export const SCHEMA_FILE = 'schemas/policy.schema.json';

export const runImport = async (session: Session, options: ImportOptions): Promise<ExitCode> => {
  const workspace = await loadForImport(session);
  const { root, settings, policySet } = workspace;
  const place = placeOf(session, workspace, options.out);
  const connection = await openReader(session, {
    settings,
    region: options.region ?? null,
    signal: session.io.signal,
    status: new PassStatus(session.screen),
  });
  try {
    const { reader, region } = connection;
    const organization = await identifyOrganization(reader, settings);
    const read = await readForImport({
      reader,
      organization,
      policySet,
      settings,
      choose: chooser(options),
      // To read thousands of queues takes minutes: what will be refused is refused before.
      beforeCodes: (chosen, all) => mustBeFree(place, expectedFiles(chosen, all)),
      now: session.io.clock.now(),
    });
    const divisions = importQueues(read);
    const files = renderPolicyFiles(divisions, {
      organization: organization.name,
      schema: posix(relative(place.folder, join(root, SCHEMA_FILE))),
    });
    await writeAll(place, files);
    const report = importReport({
      organization,
      region,
      api: settings.api,
      files: files
        .map(({ name, policies, queues, nearlyLike }) => ({
          path: place.shown(name),
          policies,
          queues,
          nearlyLike,
        }))
        .sort((a, b) => (a.path < b.path ? -1 : 1)),
      ...leftOutOf(read, divisions),
      queuesSelected: read.chosen.length,
      requests: reader.requests(),
      diagnostics: [...read.diagnostics, ...(files.length > 0 ? unreadPlace(place) : [])].map(
        diagnosticJson,
      ),
    });
    const missingSchema = (await isThere(join(root, SCHEMA_FILE))) ? null : SCHEMA_FILE;
    await session.screen.print(
      session.format === 'json'
        ? renderJson(report)
        : renderImportText(report, { ...session.screen.out, missingSchema }),
    );
    return EXIT.done;
  } finally {
    await connection.close();
  }
};

/** A repository without policies is what an import is for; whatever else is wrong with it counts. */
const loadForImport = async (session: Session): Promise<Workspace> => {
  const workspace = await readWorkspace(session);
  const { root, settings } = workspace;
  const missing = await Promise.all(
    settings.policies.map(async (folder) =>
      (await isThere(resolve(root, folder))) ? [] : [folder],
    ),
  );
  const diagnostics = workspace.diagnostics.filter(
    ({ code, span }) =>
      code !== 'file.no-policies' &&
      !(code === 'file.unreadable' && missing.flat().includes(span?.file ?? '')),
  );
  if (hasErrors(diagnostics)) throw invalidInput(diagnostics);
  return { ...workspace, diagnostics };
};

/** The folder that the files go to. */
interface Place {
  /** Absolute. */
  readonly folder: string;
  /** The path of a file for people and for JSON: from the root of the policies, where it is inside. */
  readonly shown: (name: string) => string;
  /** Whether plans read it. */
  readonly isRead: boolean;
}

const placeOf = (
  { folder: working }: Session,
  { root, settings }: Workspace,
  out: string | undefined,
): Place => {
  const [first = ''] = settings.policies;
  const folder = out === undefined ? resolve(root, first) : resolve(working, out);
  return {
    folder,
    shown: (name) => {
      const path = join(folder, name);
      return isInside(root, path) ? posix(relative(root, path)) : path;
    },
    isRead: settings.policies.some((each) => isInside(resolve(root, each), folder)),
  };
};

const isInside = (folder: string, path: string): boolean => {
  const way = relative(folder, path);
  return way === '' || (!isAbsolute(way) && way !== '..' && !way.startsWith(`..${sep}`));
};

const posix = (path: string): string => path.split(sep).join('/');

const chooser =
  ({ queue = [], division = [] }: ImportOptions) =>
  (queues: readonly LiveQueue[]): readonly LiveQueue[] => {
    const divisions = selectNames(division, {
      option: '--division',
      what: 'division with queues',
      known: (count) => `There are queues in ${count} divisions`,
    });
    const names = selectNames(queue, {
      option: '--queue',
      what: division.length === 0 ? 'queue' : 'queue of these divisions',
      known: (count) => `There are ${count} names of queues`,
    });
    const chosen = queues.filter(
      (each) => divisions.selects(each.division.name) && names.selects(each.name),
    );
    divisions.mustHaveMatched();
    names.mustHaveMatched();
    return chosen;
  };

/** The first file of each division that is asked for. */
const expectedFiles = (
  chosen: readonly LiveQueue[],
  all: readonly LiveQueue[],
): readonly string[] => {
  const files = divisionFiles(all);
  const divisions = new Set(chosen.map(({ division }) => division.id));
  return [...divisions].flatMap((id) => files.get(id) ?? []).map((name) => `${name}.yaml`);
};

/** @throws AppError `import.exists` with every file that is there already */
const mustBeFree = async ({ folder, shown }: Place, names: readonly string[]): Promise<void> => {
  const there = await Promise.all(
    names.map(async (name) => ((await isThere(join(folder, name))) ? [shown(name)] : [])),
  );
  const taken = there.flat().sort();
  if (taken.length === 0) return;
  throw new AppError(
    'import.exists',
    `${taken.length === 1 ? 'A file is' : `${taken.length} files are`} there already, and nothing was written: ${taken.join(', ')}.`,
  );
};

const writeAll = async (
  place: Place,
  files: readonly { readonly name: string; readonly text: string }[],
): Promise<void> => {
  // Where a division became several files, some names are known only now.
  await mustBeFree(
    place,
    files.map(({ name }) => name),
  );
  const failed = await writeNewFiles(
    files.map(({ name, text }) => ({ path: join(place.folder, name), text })),
  );
  if (failed === null) return;
  const shown = place.shown(relative(place.folder, failed.path));
  throw failed.why === 'EEXIST'
    ? new AppError('import.exists', `A file is there already, and nothing was written: ${shown}.`)
    : new AppError('import.unwritable', `${shown} could not be written: ${failed.why}.`);
};

const leftOutOf = (
  { governed }: OrgToImport,
  divisions: readonly ImportedDivision[],
): Pick<ImportReport, 'leftOut' | 'governed'> => ({
  leftOut: divisions.flatMap(({ policies, unmanaged }) => [
    ...policies.flatMap(({ queues, gaps }) =>
      queues.flatMap(({ queue, timer }) => [
        ...gaps.map((gap) => ({ ...aboutQueue(queue), ...gap })),
        ...(timer === null
          ? []
          : [{ ...aboutQueue(queue), part: 'timeout' as const, reason: timer }]),
      ]),
    ),
    ...unmanaged.map(({ queue, gaps }) => ({
      ...aboutQueue(queue),
      part: 'queue' as const,
      reason: gaps.map(({ reason }) => reason).join('; '),
    })),
  ]),
  governed: governed.map(({ queue, policies }) => ({ ...aboutQueue(queue), policies })),
});

const aboutQueue = ({ id, name, division }: LiveQueue) => ({ id, name, division: division.name });

const unreadPlace = ({ isRead, folder, shown }: Place): readonly Diagnostic[] =>
  isRead
    ? []
    : [
        warning({
          code: 'import.not-read',
          message: `No plan reads ${quote(shown('') || folder)}: \`policies\` of the settings does not name it.`,
          remedy: 'Move the files into a folder that it names, or name theirs there.',
        }),
      ];
