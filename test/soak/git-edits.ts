/** What the authors of policies do, to the end of each story. */
import type { GitEdit } from './script.js';
import type { Soak } from './soak.js';
import type { Wish } from './wishes.js';

/** So long somebody waits for the daemon before he goes on. */
const PATIENCE_MS = 150_000;

export const followGitEdit = async (soak: Soak, edit: GitEdit): Promise<void> => {
  const { authors, clock } = soak;
  const { wish } = authors;
  const push = async (next: Wish): Promise<void> => {
    await authors.wants(next);
    await soak.announce();
  };
  switch (edit.do) {
    case 'swap-code': {
      const { codes } = wish.families[edit.family];
      if (codes.includes(edit.code)) return;
      return push(withFamily(wish, edit.family, { codes: codes.with(edit.at, edit.code) }));
    }
    case 'set-timeout':
      return push(withFamily(wish, edit.family, { timeoutS: edit.timeoutS }));
    case 'set-limit':
      return push({ ...wish, requestsPerMinute: edit.requestsPerMinute });
    case 'say-the-same':
      return push(wish);
    case 'break':
      await authors.breaks();
      await soak.announce();
      await seen(soak, 'broken');
      return push(wish);
    case 'rewrite':
      return rewrite(soak);
    case 'hide': {
      const bringBack = await authors.hides();
      try {
        await clock.sleep(edit.forMs);
      } finally {
        await bringBack();
      }
      return;
    }
    case 'remove-all':
      return soak.alone(() => removeAll(soak, edit.ending));
    case 'fight':
      return fight(soak, edit.queue);
  }
};

const withFamily = (
  wish: Wish,
  family: keyof Wish['families'],
  what: Partial<Wish['families'][keyof Wish['families']]>,
): Wish => ({
  ...wish,
  families: { ...wish.families, [family]: { ...wish.families[family], ...what } },
});

/** Waits until the daemon says so, but not for ever: it may have to do with something else. */
const seen = async (soak: Soak, state: 'broken' | 'refused' | 'rewritten'): Promise<boolean> => {
  const status = await soak.until(({ source }) => source.state === state, PATIENCE_MS);
  soak.count(`${status === null ? 'not ' : ''}told: ${state}`);
  return status !== null;
};

const accepts = async (soak: Soak, commit: string): Promise<boolean> =>
  (await soak.until(({ source }) => source.accepted?.commit === commit, PATIENCE_MS)) !== null;

const rewrite = async (soak: Soak): Promise<void> => {
  const { authors } = soak;
  // Only what was accepted is missed.
  if (!(await accepts(soak, authors.head.commit))) return;
  const restore = await authors.rewrites({ ...authors.wish, requestsPerMinute: 1 });
  await soak.announce();
  await seen(soak, 'rewritten');
  await restore();
  await soak.announce();
};

/** Nearly every code goes at once: a guard refuses that, until somebody lets it through or takes it back. */
const removeAll = async (soak: Soak, ending: 'allow' | 'accept' | 'take-back'): Promise<void> => {
  const { authors, lives } = soak;
  const { wish } = authors;
  // Guards count what is planned: while queues are held there is less of it, and they may let the rest through.
  if ((await soak.until(({ queues }) => queues.held === 0, PATIENCE_MS)) === null) return;
  const bare: Wish = {
    ...wish,
    families: Object.fromEntries(
      Object.entries(wish.families).map(([family, { codes, ...rest }]) => [
        family,
        { ...rest, codes: codes.slice(0, 1) },
      ]),
    ) as unknown as Wish['families'],
  };
  const guarded = await authors.wants(bare, 'guarded');
  await soak.announce();
  if (await seen(soak, 'refused')) {
    if (ending === 'allow') {
      const { commit } = await authors.wants({ ...bare, allows: true });
      await soak.announce();
      if (await accepts(soak, commit)) soak.count('allowed');
    }
    if (ending === 'accept') {
      const status = await lives.status();
      await lives.reconcile(status?.source.refusal?.digest ?? null);
      if (await accepts(soak, guarded.commit)) soak.count('accepted');
    }
  }
  await authors.wants(wish);
  await soak.announce();
};

/** Another writer keeps changing a queue back, until the daemon leaves it alone. */
const fight = async (soak: Soak, queue: string): Promise<void> => {
  const { simulator, lives, clock } = soak;
  const { state, admin } = simulator;
  const deadline = clock.now() + 5 * 60_000;
  while (clock.now() < deadline && state.queueNames().includes(queue)) {
    if (state.codesOf(queue).length > 1) admin.removeCode(queue, state.codesOf(queue)[0] ?? '');
    const rows = await lives.queues();
    if (rows?.some(({ name, heldBy }) => name === queue && heldBy === 'flapping') === true) {
      soak.count('told: flapping');
      return;
    }
    const before = state.codesOf(queue).length;
    const patient = clock.now() + 90_000;
    while (
      clock.now() < patient &&
      state.queueNames().includes(queue) &&
      state.codesOf(queue).length <= before
    )
      await clock.sleep(2_000);
  }
};
