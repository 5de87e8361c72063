import type { ContractTest } from './contract-test.js';
import { execute, type Outcome } from './execute.js';
import { type ConformanceOptions, resolveOptions } from './options.js';
import { RunReport } from './run-report.js';
import type { TestRunner } from './runner.js';
import { testsOf } from './tests-of.js';

/**
 * Registers the contract tests with a test runner, and a final test that counts the executed ones.
 *
 * @throws TypeError for a known fault that is not the id of a contract test, and for an unknown group.
 */
export function registerConformance<Shared = undefined>(
  runner: TestRunner,
  conformanceOptions: ConformanceOptions<Shared>,
): void {
  const options = resolveOptions(conformanceOptions);
  const tests = testsOf(options);
  const known = new Set(options.knownFaults);
  const report = new RunReport(options, tests);
  runner.describe(`${options.name} keeps the storage contract`, () => {
    for (const test of tests) {
      const isKnown = known.has(test.id);
      const title = `[${test.id}] ${test.title}${isKnown ? ' (known fault)' : ''}`;
      const body = async (skip: (reason: string) => void) => {
        const began = performance.now();
        const outcome = await execute(test, options);
        report.add(test, outcome, isKnown, performance.now() - began);
        if (outcome.state === 'skipped') skip(outcome.reason);
        else settle(test, outcome, isKnown);
      };
      runner.test(title, body, options.timeoutMs);
    }
    runner.test(
      '[count] every contract test was executed, or skipped for a reason',
      async () => {
        await options.teardown();
        report.finish();
      },
      options.timeoutMs,
    );
    runner.afterAll?.(() => options.teardown(), options.timeoutMs);
  });
}

function settle(test: ContractTest, outcome: Outcome, isKnown: boolean): void {
  if (isKnown && outcome.state === 'passed') {
    throw new Error(`${test.id} passes: remove it from knownFaults.`);
  }
  if (!isKnown && outcome.state === 'failed') throw outcome.error;
}
