import type { Reporter, TestModule } from 'vitest/node';

/**
 * Prints one plain line when the run has ended ("12 passed, 0 failed, 1 skipped"), so that a person or a
 * machine can read the outcome without knowing the runner. A run that executed nothing is a failure.
 */
export default class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const count = { passed: 0, failed: unhandledErrors.length, skipped: 0 };
    for (const module of modules) {
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        if (state !== 'pending') count[state] += 1;
      }
      if (module.state() === 'failed' && module.errors().length > 0) count.failed += 1;
    }
    if (count.passed + count.failed === 0) {
      process.exitCode = 1;
      console.error('No test was executed: that is a failure.');
    }
    console.log(`\n${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped`);
  }
}
