/**
 * Loaded before the program: kills the process at its Nth point (KILL_AT), or writes down how many points
 * there were (KILL_COUNT names a file). Points begin with the first intent of a run. They are: each write to a
 * file by a handle, torn in its middle, and whole; each sync; each request before it leaves, and when its
 * answer begins to arrive.
 */
import { subscribe } from 'node:diagnostics_channel';
import { writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';

const killAt = Number(process.env.KILL_AT ?? Infinity);
let points = 0;
let hasBegun = false;

/** Whether this is the point. */
const isDue = () => {
  if (!hasBegun) return false;
  points += 1;
  return points === killAt;
};
const die = () => process.kill(process.pid, 'SIGKILL');

const any = await open('/dev/null');
const handles = Object.getPrototypeOf(any);
await any.close();
const { write, datasync, sync } = handles;
handles.write = async function (bytes, at = 0, length = bytes.length - at, ...rest) {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset + at, length).toString();
  hasBegun ||= /"kind":"(?:queue|code)\.intent"/.test(text);
  if (isDue()) {
    await write.call(this, bytes, at, Math.floor(length / 2), ...rest);
    die();
  }
  const done = await write.call(this, bytes, at, length, ...rest);
  if (isDue()) die();
  return done;
};
handles.datasync = async function () {
  await datasync.call(this);
  if (isDue()) die();
};
handles.sync = async function () {
  await sync.call(this);
  if (isDue()) die();
};
for (const channel of ['undici:request:create', 'undici:request:headers']) {
  subscribe(channel, () => {
    if (isDue()) die();
  });
}
process.on('exit', () => {
  if (process.env.KILL_COUNT) writeFileSync(process.env.KILL_COUNT, String(points));
});
