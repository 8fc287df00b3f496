import { readdir } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { repository, run } from './cli.js';

const widest = (text: string): number => Math.max(...text.split('\n').map((line) => line.length));

describe('the demo', () => {
  test('tells the whole story without credentials, and leaves nothing behind', async () => {
    const cwd = await repository({});
    const { exit, stdout, stderr } = await run(['demo'], { cwd, env: { CI: 'true' } });
    expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' });
    expect(await readdir(cwd)).toEqual([]);
    for (const text of [
      'policies/billing.yaml',
      'Plan: 7 queues to change',
      'Applied: 7 queues changed',
      'Plan: nothing to write',
      'Ada Admin makes after-call work of "Billing DE" optional',
      'Plan: 1 queue to change',
      'Applied: 1 queue changed',
      'wrapkeeper audit list',
      'wrapkeeper simulator',
    ]) {
      expect(stdout).toContain(text);
    }
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain('because Ada Admin changed it at');
    expect(stdout).not.toContain('\u001b');
  });

  test.each([80, 200])('fits %i columns', async (columns) => {
    const { stdout } = await run(['demo'], { env: { COLUMNS: String(columns) } });
    expect(widest(stdout)).toBeLessThanOrEqual(columns);
  });

  test('as JSON, the plans and reports of its steps', async () => {
    const { exit, stdout } = await run(['demo', '--format', 'json']);
    expect(exit).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      kind: 'Demo',
      steps: [
        { step: 'plan', result: { kind: 'Plan', summary: { queuesChanged: 7 } } },
        { step: 'apply', result: { kind: 'ApplyReport', outcome: 'applied' } },
        { step: 'plan-again', result: { kind: 'Plan', queues: [] } },
        { step: 'plan-drift', result: { kind: 'Plan', queues: [{ name: 'Billing DE' }] } },
        { step: 'correct', result: { kind: 'ApplyReport', outcome: 'applied' } },
      ],
    });
  });
});
