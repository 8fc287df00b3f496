/** Plans as files: where `plan --out` leaves them, and where `apply` takes them from. */
import { readFile, stat } from 'node:fs/promises';
import { relative, resolve } from 'node:path';
import type { Plan } from '../domain/change.js';
import { AppError } from '../domain/errors.js';
import { Secret } from '../domain/secret.js';
import { quote } from '../domain/text.js';
import { errnoOf, replaceFile } from '../journal/folder.js';
import { MAX_PLAN_BYTES, readPlanFile } from '../plan/plan-file.js';
import { renderJson } from '../report/json.js';
import { instant } from '../report/words.js';
import type { Environment } from './io.js';
import type { Session } from './session.js';

/** The key of seals, from WRAPKEEPER_PLAN_KEY; null where it is not set, or empty. */
export const planKeyOf = (env: Environment): Secret | null => {
  const key = env['WRAPKEEPER_PLAN_KEY'] ?? '';
  return key === '' ? null : new Secret(key);
};

/**
 * Saves a plan. Returns what is to be told after the plan itself: where it is, and how it is applied.
 *
 * @throws AppError `plan.not-saved`
 */
export const savePlan = async (session: Session, plan: Plan, file: string): Promise<string> => {
  const path = await writePlan(session, plan, file);
  const shown = relative(session.io.cwd, path) || path;
  return `Saved as ${shown}, good until ${instant(plan.expiresAt)}.\nTo apply it: wrapkeeper apply ${shown}\n`;
};

/**
 * Writes a plan: whole or not at all, for nobody else to read. Returns where.
 *
 * @throws AppError `plan.not-saved`
 */
export const writePlan = async (
  { folder }: Pick<Session, 'folder'>,
  plan: Plan,
  file: string,
): Promise<string> => {
  const path = resolve(folder, file);
  try {
    await replaceFile(path, renderJson(plan), 0o600);
    return path;
  } catch (error) {
    const why = errnoOf(error);
    if (why === null) throw error;
    throw new AppError('plan.not-saved', `The plan could not be saved as ${quote(file)}: ${why}.`, {
      cause: error,
    });
  }
};

/**
 * Reads a saved plan and refuses what must not be applied.
 *
 * @throws AppError `plan.unreadable`, or as {@link readPlanFile}
 */
export const loadPlan = async ({ folder, io }: Session, file: string): Promise<Plan> => {
  const path = resolve(folder, file);
  const text = await readBounded(path, file);
  return readPlanFile({ text, path: file, key: planKeyOf(io.env), now: io.clock.now() });
};

const readBounded = async (path: string, file: string): Promise<string> => {
  try {
    const { size } = await stat(path);
    if (size > MAX_PLAN_BYTES) {
      throw new AppError(
        'plan.foreign',
        `${quote(file)} has ${size} bytes; a plan has at most ${MAX_PLAN_BYTES}.`,
      );
    }
    return await readFile(path, 'utf8');
  } catch (error) {
    const why = errnoOf(error);
    if (why === null) throw error;
    throw new AppError(
      'plan.unreadable',
      `The plan ${quote(file)} cannot be read: ${why === 'ENOENT' ? 'there is no such file' : why}.`,
      { cause: error },
    );
  }
};
