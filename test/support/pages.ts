/** Pages of Markdown: what they link to, and what can be linked to on them. */

const withoutFences = (text: string): string => text.replace(/^```[^]*?^```$/gm, '');

/** What can be linked to on a page: its headings, and places that were given a name. */
export const anchorsOf = (text: string): ReadonlySet<string> =>
  new Set([
    ...[...text.matchAll(/<a id="([^"]+)">/g)].map(([, id = '']) => id),
    ...[...withoutFences(text).matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
      title
        .toLowerCase()
        .replace(/[^\p{L}\p{N}_\- ]/gu, '')
        .replaceAll(' ', '-'),
    ),
  ]);

/** The targets of all links and images, as they are written. */
export const linksOf = (text: string): readonly string[] =>
  [...withoutFences(text).matchAll(/\]\(([^)\s]+)\)/g)].map(([, to = '']) => to);

/** What stands in backticks outside of fences. */
export const codeOf = (text: string): readonly string[] =>
  [...withoutFences(text).matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code);
