import { defineConfig } from 'vitest/config';
import { LongestFirst } from './tests/support/longest-first.js';

export default defineConfig({
  test: {
    include: ['packages/*/test/**/*.test.ts', 'examples/*/test/**/*.test.ts', 'tests/**/*.test.ts'],
    globalSetup: ['./tests/support/random-seed.ts'],
    setupFiles: ['./tests/support/property-seed.ts'],
    reporters: ['default', './tests/support/closing-line.ts'],
    // Real drivers, real servers and child processes: threads cannot be unloaded safely, forks can.
    pool: 'forks',
    // The built packages are loaded by Node.js, as by users. vitest would transform each of their 500 modules for each file.
    server: { deps: { external: [/\/packages\/[^/]+\/dist\//] } },
    // Many tests wait for servers and child processes: more workers than the cores less one that vitest would take.
    maxWorkers: 3,
    sequence: { sequencer: LongestFirst },
    env: { CONFORMANCE_REPORT: 'summary' },
    // Wide, because servers and child processes are started on machines that may be busy; no test asserts a time.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    passWithNoTests: false,
  },
});
