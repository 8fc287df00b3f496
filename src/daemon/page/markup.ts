/** HTML that cannot be broken by what is put into it: the only way to make any here. */
import { cut, spellInvisible } from '../../domain/text.js';

/** A piece of HTML that is safe to show as it is. */
export interface Markup {
  readonly kind: 'markup';
  readonly html: string;
}

/** What can stand in a template: a text is escaped, markup is taken as it is, nothing is nothing. */
export type Slot = string | number | Markup | readonly Markup[] | null;

/** No text from outside is longer than this on the page, in characters. */
const LONGEST = 1_500;

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/**
 * A text as it may stand in an element, or between the quotes of an attribute; what cannot be seen, or turns the
 * direction of what is around it, is spelt out.
 *
 * @example escapeText('<b>\u202e') // '&lt;b&gt;&lt;U+202E RIGHT-TO-LEFT OVERRIDE&gt;'
 */
export const escapeText = (text: string): string =>
  cut(spellInvisible(cut(text, LONGEST)), LONGEST).replace(
    /[&<>"']/g,
    (character) => ENTITIES[character] ?? '',
  );

const isMarkup = (slot: Markup | readonly Markup[]): slot is Markup => 'kind' in slot;

const fillSlot = (slot: Slot): string => {
  if (slot === null) return '';
  if (typeof slot === 'number') return String(slot);
  if (typeof slot === 'string') return escapeText(slot);
  return isMarkup(slot) ? slot.html : slot.map(({ html }) => html).join('');
};

/**
 * The tag of a template of HTML, in which everything is escaped that is not markup itself. It is not called `html`
 * because formatters move the blanks of templates of that name.
 *
 * @example markup`<b>${'a < b'}</b>`.html // '<b>a &lt; b</b>'
 */
export const markup = (parts: TemplateStringsArray, ...slots: readonly Slot[]): Markup => ({
  kind: 'markup',
  html: parts.reduce((html, part, index) => html + fillSlot(slots[index - 1] ?? null) + part),
});

/** Pieces with something between them. */
export const joined = (pieces: readonly Markup[], between: Markup): Markup => ({
  kind: 'markup',
  html: pieces.map(({ html }) => html).join(between.html),
});

/** A name of somebody else's, whose direction of writing stays its own. */
export const nameMarkup = (name: string): Markup => markup`<bdi>${name}</bdi>`;

/** Names one after the other. */
export const namesMarkup = (names: readonly string[]): Markup =>
  joined(names.map(nameMarkup), markup`, `);
