/**
 * The hidden first line of what the Action writes on GitHub: how it is found again, and what of it counts.
 * Names and messages in the text are escaped, so that no text of somebody else's can look like one.
 */
import { z } from 'zod';
import type { Secret } from '../domain/secret.js';
import { sealOfAny } from '../plan/digest.js';

const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/);
const commit = z.string().regex(/^[0-9a-f]{40,64}$/);

const MARKER = z.strictObject({
  v: z.literal(1),
  /** `plan` on a pull request, `drift` in an issue. */
  kind: z.enum(['plan', 'drift']),
  /** The organization's id. */
  organization: z.string().regex(/^[\w-]{1,64}$/),
  /** The newest commit that was planned. */
  head: commit.nullable(),
  /** The digest of what the change does, apart from what was pending; null where it is not known. */
  reviewed: digest.nullable(),
  /** Whether the text holds less than there is to review. */
  cut: z.boolean(),
  /** Over the rest of the marker and the text below; with `WRAPKEEPER_PLAN_KEY` nobody else can make it. */
  seal: z.string().regex(/^(?:hmac-)?sha256:[0-9a-f]{64}$/),
});

/** What a marker holds; `seal` is added by {@link mark}. */
export type Marker = Omit<z.infer<typeof MARKER>, 'v' | 'seal'>;

/** A marked text: what its marker says, and whether marker and text are still what was written. */
export type Marked = Marker & { readonly isAsWritten: boolean };

const LINE = /^<!-- wrapkeeper (\{[^\n]{1,1000}\}) -->\r?\n/;

/** The longest marker, in characters. */
export const MARKER_LENGTH = 1_000;

/** The text with its marker before it. */
export const mark = (marker: Marker, text: string, key: Secret | null): string =>
  `<!-- wrapkeeper ${JSON.stringify({ v: 1, ...marker, seal: sealOf(marker, text, key) })} -->\n${text}`;

/** Reads the marker of a text; null where it has none of ours. */
export const readMarker = (body: string, key: Secret | null): Marked | null => {
  const [line = '', json = ''] = LINE.exec(body) ?? [];
  const parsed = MARKER.safeParse(jsonOf(json));
  if (!parsed.success) return null;
  const { v: _v, seal, ...marker } = parsed.data;
  return { ...marker, isAsWritten: seal === sealOf(marker, body.slice(line.length), key) };
};

/** GitHub may give other line breaks back than it got, and no space at the end. */
const sealOf = (marker: Marker, text: string, key: Secret | null): string =>
  sealOfAny({ ...marker, text: text.replaceAll('\r\n', '\n').trimEnd() }, key);

const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
};
