/** When the windows of a script let a change be made: counted minute by minute, as a person would. */
import type { ScriptedWindow } from './script.js';

const MINUTE_MS = 60_000;

/** Whether a window is open at an instant: it opens with each minute of the hour that its step divides. */
const isOpen = ({ everyMinutes, durationMs }: ScriptedWindow, at: number): boolean => {
  const isOpening = (minute: number): boolean =>
    new Date(minute).getUTCMinutes() % everyMinutes === 0;
  for (
    let minute = Math.floor(at / MINUTE_MS) * MINUTE_MS;
    minute > at - durationMs;
    minute -= MINUTE_MS
  )
    if (isOpening(minute)) return true;
  return false;
};

/** Whether windows that all hold for something forbid a change of it; `isConfined`: outside is closed. */
const forbids = (windows: readonly ScriptedWindow[], isConfined: boolean, at: number): boolean =>
  windows.some((window) => window.kind === 'deny' && isOpen(window, at)) ||
  (isConfined && !windows.some((window) => window.kind === 'allow' && isOpen(window, at)));

/** Whether a change of a queue of this name is forbidden at an instant. */
export const isQueueClosed = (
  windows: readonly ScriptedWindow[],
  name: string,
  at: number,
): boolean => {
  const own = windows.filter(({ queues }) => name.startsWith(queues));
  const isConfined = own.some(({ kind }) => kind === 'allow');
  return forbids(own, isConfined, at);
};

/** Whether a change of the catalog is: it is free where any of these queues is allowed to be changed. */
export const isCatalogClosed = (
  windows: readonly ScriptedWindow[],
  names: readonly string[],
  at: number,
): boolean => {
  const own = windows.filter(
    ({ kind, queues }) =>
      queues === '' || (kind === 'allow' && names.some((name) => name.startsWith(queues))),
  );
  const isConfined = windows.some(({ kind }) => kind === 'allow');
  return forbids(own, isConfined, at);
};
