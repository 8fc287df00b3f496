import { describe, expect, it } from 'vitest';
import { ServerClock } from '../../src/genesys/server-clock.js';
import { FakeClock, NOW } from '../support/fake-clock.js';

const HOUR = 3_600_000;
const header = (at: number): string => new Date(at).toUTCString();

describe("the platform's clock", () => {
  const start = () => {
    const clock = new FakeClock();
    return { clock, server: new ServerClock(clock) };
  };

  it('is ours before the first answer', () => {
    const { clock, server } = start();
    clock.advance(5);
    expect(server.now()).toBe(NOW + 5);
  });

  it.each([-HOUR, 0, HOUR])('goes on from the latest answer, %d ms from ours', (apart) => {
    const { clock, server } = start();
    server.observe(header(NOW + apart - 60_000));
    clock.advance(1_000);
    server.observe(header(clock.now() + apart));
    clock.advance(2_500);
    expect(server.now()).toBe(clock.now() + apart);
  });

  it.each([undefined, '', 'yesterday', '17', '2026'])('does not believe %s', (nonsense) => {
    const { clock, server } = start();
    server.observe(header(NOW + HOUR));
    server.observe(nonsense);
    clock.advance(1_000);
    expect(server.now()).toBe(NOW + HOUR + 1_000);
  });

  it('is not set back when ours is, and right again after the next answer', () => {
    const { clock, server } = start();
    server.observe(header(NOW));
    clock.advance(-HOUR);
    expect(server.now()).toBe(NOW);
    server.observe(header(NOW + 10_000));
    clock.advance(1_000);
    expect(server.now()).toBe(NOW + 11_000);
  });
});
