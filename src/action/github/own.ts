/** What we wrote on GitHub: anybody can copy a marker, and so only what bears our own name counts. */
import { z } from 'zod';
import { AppError } from '../../domain/errors.js';
import type { GitHub } from './api.js';

/** As an installation with the token of a workflow is called. */
const WORKFLOW_BOT = 'github-actions[bot]';

const VIEWER = z.looseObject({
  data: z.looseObject({ viewer: z.looseObject({ login: z.string().min(1) }) }),
});
const AUTHORED = z.looseObject({
  user: z.looseObject({ login: z.string(), type: z.string() }).nullable(),
  body: z.string().nullish(),
});

/** Who an account is, as REST names it. */
export interface Account {
  readonly login: string;
}

/**
 * Whom the token belongs to. REST does not tell the token of a workflow; GraphQL does. Where it does not either, it
 * is taken for the token that workflows get.
 */
export const whoAmI = async (gitHub: GitHub): Promise<Account> => {
  try {
    const parsed = VIEWER.safeParse(await gitHub.query('query { viewer { login } }'));
    return { login: parsed.success ? parsed.data.data.viewer.login : WORKFLOW_BOT };
  } catch (error) {
    if (error instanceof AppError) return { login: WORKFLOW_BOT };
    throw error;
  }
};

/** Whether GraphQL speaks of us: it leaves the `[bot]` of an app's name away. */
export const isOwn = (login: string, us: Account): boolean =>
  login === us.login || `${login}[bot]` === us.login;

/** The text of a comment or an issue, where we wrote it; null otherwise. */
export const ownText = (item: unknown, { login }: Account): string | null => {
  const parsed = AUTHORED.safeParse(item);
  if (!parsed.success || parsed.data.user === null) return null;
  const { user, body } = parsed.data;
  // An app is called `name[bot]`; there may be a person called `name`.
  const isUs = user.login === login || (user.type === 'Bot' && user.login === `${login}[bot]`);
  return isUs ? (body ?? null) : null;
};
