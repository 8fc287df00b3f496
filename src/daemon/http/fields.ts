/** What is wrong with the fields of a body, in words. */
import type { z } from 'zod';
import { quote } from '../../domain/text.js';
import { Refusal } from './refusal.js';

/** What a body may hold wrong before nobody reads on. */
const MOST = 20;

/**
 * Holds a body against a schema whose messages say what is wanted.
 *
 * @throws Refusal 400 that names every wrong field
 */
export const parseFields = <Schema extends z.ZodType>(
  schema: Schema,
  body: unknown,
): z.output<Schema> => {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const messages = parsed.error.issues.flatMap((issue): readonly string[] => {
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map((key) => `There is no key ${quote(key)}.`);
    const field = issue.path.map(String).join('.');
    return [field === '' ? `The body ${issue.message}.` : `\`${field}\` ${issue.message}.`];
  });
  throw new Refusal(400, 'http.bad-value', [...new Set(messages)].slice(0, MOST));
};
