import { defineConfig } from 'vitest/config';

/** Tests of the built command line run it as a process; everything else runs from the sources. */
const E2E = 'test/e2e/**/*.test.ts';

export default defineConfig({
  test: {
    // Two cores are what there is at least; by itself one of them would be left idle.
    maxWorkers: 2,
    coverage: { include: ['src/**/*.ts'], reportsDirectory: 'coverage' },
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: [E2E],
          // A slow machine is no failure.
          testTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'e2e',
          include: [E2E],
          globalSetup: 'test/e2e/build.ts',
          // Processes are started and waited for.
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
