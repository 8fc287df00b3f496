/**
 * A daemon over an hour of simulated time, with everything real but the platform: edits in git and in the organization,
 * faults, restarts. SOAK_MINUTES and SOAK_SEED widen it.
 */
import { expect, it, onTestFinished } from 'vitest';
import { differences } from './resources.js';
import type { Holdings } from './resources.js';
import { LIMITS, scriptOf } from './script.js';
import { Soak } from './soak.js';
import { eventsAreTold, changesAreTold, ungovernedIsLeft, writesAreWanted } from './watch.js';

const MINUTES = Number(process.env['SOAK_MINUTES'] || 3);
const SEED = Number(process.env['SOAK_SEED'] || 7);
const isLong = MINUTES > 10;
const SAYS = isLong || process.env['SOAK_SAYS'] === '1';
const MINUTE_MS = 60_000;

/** Passes in which nothing happens, to see what each leaves behind. */
const CALM_PASSES = 100;
/** So many before them: what the engine keeps of code that runs often has grown by then. */
const WARM_UP_PASSES = 150;
/** It still moves: by some hundred kilobytes from one measure to the next, whatever lies between them. */
const CALM_MAY_LEAVE = 700_000;
/** Of everything else: code that is run for the first time, and what simulator, receiver and watchers remember. */
const SOAK_MAY_LEAVE = 6_000_000;
/** As little as can be told from that. */
const LEAKED_BYTES = 10_000;

/** What leaks look like: one more of these in each pass. */
const LEAKS: Readonly<Record<string, (soak: Soak, kept: unknown[]) => void>> = {
  'listeners on signals': ({ lives }) => lives.signal?.addEventListener('abort', () => undefined),
  Timeout: (_, kept) => kept.push(setTimeout(() => undefined, 3_600_000)),
  heap: (_, kept) => kept.push(Array.from({ length: LEAKED_BYTES / 8 }, () => Math.random())),
};

interface Calm {
  readonly before: Holdings;
  readonly after: Holdings;
  /** The leaks that are found where there is one. */
  readonly found: readonly string[];
}

/** Many passes in which nothing happens; then some that leave something behind on purpose. */
const calmDown = async (soak: Soak): Promise<Calm> => {
  // Nothing waits for the limit any more.
  await soak.authors.wants({ ...soak.authors.wish, requestsPerMinute: 6_000 });
  await soak.settle();
  await soak.more(WARM_UP_PASSES);
  const before = await soak.atRest();
  await soak.more(CALM_PASSES);
  const after = await soak.atRest();
  const found: string[] = [];
  for (const [name, leak] of Object.entries(LEAKS)) {
    const kept: unknown[] = [];
    const whole = await soak.atRest();
    soak.leak = () => leak(soak, kept);
    await soak.more(name === 'heap' ? CALM_PASSES : 3);
    soak.leak = () => undefined;
    const told = differences(whole, await soak.atRest(), { heapMayGrow: CALM_MAY_LEAVE });
    if (told.some((words) => words.includes(name))) found.push(name);
    for (const one of kept) clearTimeout(one as NodeJS.Timeout);
  }
  return { before, after, found };
};

/** What was left behind stays: whatever else is there, the runner's timers among it, is gone at one of several looks. */
const asBefore = async (
  before: Holdings,
  heapMayGrow: number,
  look: () => Promise<Holdings>,
): Promise<Holdings> => {
  let held = await look();
  for (
    let looks = 1;
    looks < 6 && differences(before, held, { heapMayGrow }).length > 0;
    looks += 1
  )
    held = await look();
  return held;
};

it(
  `keeps its promises and leaves nothing behind (seed ${SEED})`,
  { timeout: 7_200_000 },
  async () => {
    const began = performance.now();
    const soak = await Soak.begin({ seed: SEED, auditLagMs: 5_000 });
    onTestFinished(() => soak.end());
    const { lives, authors, traffic } = soak;
    const startedAt = soak.clock.now();
    const say = (line: string): void =>
      void (
        SAYS &&
        process.stderr.write(
          `${Math.round((soak.clock.now() - startedAt) / MINUTE_MS)} min (${Math.round((performance.now() - began) / 1_000)} s): ${line}\n`,
        )
      );

    const empty = await soak.without();
    await lives.start();
    const first = await soak.until(({ source }) => source.refusal !== null, 10 * MINUTE_MS);
    expect(first?.source.accepted).toBeNull();
    // Nobody was let in by anything that was accepted, and yet somebody has to be.
    expect(await lives.reconcile(first?.source.refusal?.digest)).toBe(202);
    await soak.settle();

    say('the first policies are in force');
    const half = { forMs: (MINUTES / 2) * MINUTE_MS, fights: isLong };
    await soak.play(scriptOf(SEED, { ...half, restarts: true }), half.forMs);
    await soak.settle();
    const warm = await soak.atRest();
    say(`seed ${SEED}: the half with restarts is over`);
    await soak.play(scriptOf(SEED + 1, { ...half, restarts: false }), half.forMs);
    await soak.settle();
    await soak.interval(isLong ? 3 : 1);
    expect(soak.differences()).toEqual([]);
    // Another process has a limit of its own, and so has the calm.
    const { requests } = traffic;
    const limitedUntil = soak.clock.now();
    expect((await lives.ask('/readyz'))?.status).toBe(200);
    say('it has settled');
    const plan = await lives.run(['-C', authors.clone, 'plan', '--detailed-exitcode']);
    expect(plan).toMatchObject({ exit: 0 });
    const worn = await asBefore(warm, SOAK_MAY_LEAVE, () => soak.atRest());
    say('the half without restarts is over');

    const calm = isLong ? await calmDown(soak) : null;
    say('the calm is over');
    expect(await lives.stop()).toBe(0);
    const left = await asBefore(empty, Infinity, () => soak.without());

    const verified = await lives.run(['audit', 'verify', '--format', 'json']);
    expect(verified).toMatchObject({ exit: 0 });
    const { head } = JSON.parse(verified.stdout) as { readonly head: { readonly hash: string } };
    const journal = await soak.journal();
    const evidence = {
      journal,
      writes: traffic.writes,
      events: soak.receiver.taken,
      revisions: authors.revisions,
      codes: soak.codes(),
    };
    const peak = Math.max(
      ...lives.spans.map(({ from, to }) => traffic.peak({ from, to: Math.min(to, limitedUntil) })),
    );
    say(
      `${lives.spans.length} lives, ${soak.passes} passes seen, ${requests} requests (${peak} in the fullest minute), ${traffic.writes.length} writes, ${authors.pushes} pushes, ${journal.length} records, ${soak.receiver.taken.length} events`,
    );
    say(
      [...soak.tally]
        .map(([what, times]) => `${what}: ${times}`)
        .sort()
        .join(', '),
    );
    const heaps = { empty, warm, worn, calm: calm?.before, later: calm?.after, left };
    say(
      Object.entries(heaps)
        .map(([name, held]) => `${name} ${((held?.heap ?? 0) / 1e6).toFixed(2)} MB`)
        .join(', '),
    );
    say(JSON.stringify({ warm: warm.counts, worn: worn.counts }));

    expect(soak.breaches).toEqual([]);
    expect(writesAreWanted(evidence)).toEqual([]);
    expect(ungovernedIsLeft(evidence, soak.ungoverned)).toEqual([]);
    expect(changesAreTold(evidence)).toEqual([]);
    expect(eventsAreTold(evidence, head.hash)).toEqual([]);
    expect(soak.receiver.unsigned).toBe(0);
    expect(traffic.writes.length).toBeGreaterThan(0);
    expect(peak).toBeLessThanOrEqual(Math.max(...LIMITS));

    expect(differences(warm, worn, { heapMayGrow: SOAK_MAY_LEAVE })).toEqual([]);
    expect(differences(empty, left, { heapMayGrow: Infinity })).toEqual([]);
    if (calm === null) return;
    expect(differences(calm.before, calm.after, { heapMayGrow: CALM_MAY_LEAVE })).toEqual([]);
    expect(calm.found).toEqual(Object.keys(LEAKS));
  },
);
