import { styleText } from 'node:util';

const STYLES = {
  add: 'green',
  remove: 'red',
  change: 'yellow',
  error: 'red',
  warning: 'yellow',
  heading: 'bold',
  quiet: 'dim',
} as const;

/** What a piece of text is, so that its colour is decided in one place. */
type Role = keyof typeof STYLES;

export type Paint = (role: Role, text: string) => string;

/** Colours where they were asked for; whether that is so is for the terminal's edge to find out. */
export const painter = (color: boolean): Paint =>
  color
    ? (role, text) =>
        text.replace(
          /^( *)(.+)$/s,
          (_, indent: string, rest: string) =>
            indent + styleText(STYLES[role], rest, { validateStream: false }),
        )
    : (_, text) => text;
