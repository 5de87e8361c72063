import { contractTests } from '../contract/index.js';
import { outcomeTests } from '../contract/outcomes.js';
import { provokedTests } from '../contract/provoked.js';
import type { ContractTest } from './contract-test.js';
import { execute, type Outcome } from './execute.js';
import { type ConformanceOptions, type ResolvedOptions, resolveOptions } from './options.js';
import type { TestRunner } from './runner.js';

/**
 * Registers every contract test with a test runner, and a final test that counts the executed ones.
 *
 * @throws TypeError for a known fault that is not the id of a contract test.
 */
export function registerConformance(runner: TestRunner, conformanceOptions: ConformanceOptions): void {
  const options = resolveOptions(conformanceOptions);
  const tests = [...contractTests, ...provokedTests(options), ...outcomeTests(options)];
  const known = new Set(options.knownFaults);
  for (const id of known) {
    if (!tests.some((test) => test.id === id))
      throw new TypeError(`knownFaults: there is no contract test '${id}'.`);
  }
  const tally = { executed: 0, skipped: 0 };
  runner.describe(`${options.name} keeps the storage contract`, () => {
    for (const test of tests) {
      const isKnown = known.has(test.id);
      const title = `[${test.id}] ${test.title}${isKnown ? ' (known fault)' : ''}`;
      const body = async (skip: (reason: string) => void) => {
        const outcome = await execute(test, options);
        tally[outcome.state === 'skipped' ? 'skipped' : 'executed'] += 1;
        if (outcome.state === 'skipped') skip(outcome.reason);
        else settle(test, outcome, isKnown);
      };
      runner.test(title, body, options.timeoutMs);
    }
    runner.test(
      '[count] every contract test was executed, or skipped for a reason',
      async () => checkTally(options, tests, tally),
      options.timeoutMs,
    );
  });
}

function settle(test: ContractTest, outcome: Outcome, isKnown: boolean): void {
  if (isKnown && outcome.state === 'passed') {
    throw new Error(`${test.id} passes: remove it from knownFaults.`);
  }
  if (!isKnown && outcome.state === 'failed') throw outcome.error;
}

function checkTally(
  options: ResolvedOptions,
  tests: readonly ContractTest[],
  { executed, skipped }: { readonly executed: number; readonly skipped: number },
): void {
  const known = options.knownFaults.length;
  const faults = known === 0 ? '' : `, ${known} known ${known === 1 ? 'fault' : 'faults'}`;
  console.log(`${options.name}: ${executed} contract tests, ${skipped} skipped${faults}`);
  if (executed + skipped !== tests.length) {
    throw new Error(`${tests.length} contract tests are registered; ${executed + skipped} finished.`);
  }
  if (options.skipped !== undefined && options.skipped !== skipped) {
    throw new Error(`${skipped} contract tests were skipped; ${options.skipped} were expected.`);
  }
}
