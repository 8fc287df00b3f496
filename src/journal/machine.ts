/** Which machine this is, and whether a process on it is still the one that it was. */
import { readFile, readlink } from 'node:fs/promises';

/** A process, told apart from every later one with the same number. */
export interface ProcessIdentity {
  readonly pid: number;
  /** The start of the machine and the namespace of its process numbers; null where that cannot be known. */
  readonly boot: string | null;
  /** When the process started, in ticks since the machine did; null where that cannot be known. */
  readonly startedAt: string | null;
}

/** Linux tells all of it in /proc; elsewhere nobody can tell, and a lease ends by time alone. */
export const identifyProcess = async (pid: number): Promise<ProcessIdentity> => ({
  pid,
  boot: await bootOfMachine(),
  startedAt: (await lookAt(pid))?.startedAt ?? null,
});

/**
 * Whether a process that ran on this machine has certainly ended. False where it ran elsewhere, in another
 * container, or where nobody can tell.
 */
export const hasEnded = async ({ pid, boot, startedAt }: ProcessIdentity): Promise<boolean> => {
  if (boot === null || startedAt === null || boot !== (await bootOfMachine())) return false;
  const found = await lookAt(pid);
  return found === null || found.isDead || found.startedAt !== startedAt;
};

const bootOfMachine = async (): Promise<string | null> => {
  try {
    const [boot, processes] = await Promise.all([
      readFile('/proc/sys/kernel/random/boot_id', 'utf8'),
      // Containers of one machine share its boot id, and see other processes under the same numbers.
      readlink('/proc/self/ns/pid'),
    ]);
    return `${boot.trim()} ${processes}`;
  } catch {
    return null;
  }
};

interface Look {
  readonly startedAt: string;
  /** Ended, and nobody has asked how. */
  readonly isDead: boolean;
}

/** `/proc/PID/stat`: after the command in brackets comes the state, and 19 fields later the start. */
const lookAt = async (pid: number): Promise<Look | null> => {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { startedAt: fields[19] ?? '', isDead: fields[0] === 'Z' || fields[0] === 'X' };
  } catch {
    return null;
  }
};
