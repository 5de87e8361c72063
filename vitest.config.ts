import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['packages/*/test/**/*.test.ts', 'examples/*/test/**/*.test.ts', 'tests/**/*.test.ts'],
    reporters: ['default', './tests/support/closing-line.ts'],
    // Real drivers, real servers and child processes: threads cannot be unloaded safely, forks can.
    pool: 'forks',
    // Wide, because servers and child processes are started on machines that may be busy; no test asserts a time.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    passWithNoTests: false,
  },
});
