/** Saved plans that were applied to the end: none of them is applied a second time. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { AppError } from '../domain/errors.js';
import { errnoOf, inFolder, replaceFile } from './folder.js';

const SPENT = z.array(
  z.object({
    seal: z.string(),
    run: z.string(),
    /** ISO 8601, like `expiresAt`. */
    at: z.string(),
    expiresAt: z.string(),
  }),
);

/** A saved plan that is spent: by which run, and when. */
export type SpentPlan = z.infer<typeof SPENT>[number];

const FILE = 'spent-plans.json';

/** The entry of the plan with this seal, or null where it was not spent, as far as this folder knows. */
export const findSpent = async (folder: string, seal: string): Promise<SpentPlan | null> =>
  (await readSpent(folder)).find((plan) => plan.seal === seal) ?? null;

/** Notes that a plan is spent, and forgets those that have expired: they are refused anyway. */
export const markSpent = async (folder: string, spent: SpentPlan): Promise<void> => {
  const others = await readSpent(folder);
  const kept = others.filter(({ expiresAt }) => Date.parse(expiresAt) > Date.parse(spent.at));
  await inFolder(folder, () =>
    replaceFile(join(folder, FILE), `${JSON.stringify([...kept, spent], null, 2)}\n`, 0o600),
  );
};

const readSpent = (folder: string): Promise<readonly SpentPlan[]> =>
  inFolder(folder, async () => {
    try {
      return SPENT.parse(JSON.parse(await readFile(join(folder, FILE), 'utf8')));
    } catch (error) {
      if (errnoOf(error) === 'ENOENT') return [];
      if (errnoOf(error) !== null) throw error;
      throw new AppError(
        'journal.unwritable',
        `${join(folder, FILE)} is damaged: which plans are spent cannot be known.`,
        { remedy: 'Look at what became of it, and delete it.', cause: error },
      );
    }
  });
