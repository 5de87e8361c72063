import type { ContractTest } from './contract-test.js';
import { execute, type Outcome } from './execute.js';
import { type ConformanceOptions, resolveOptions } from './options.js';
import { testsOf } from './tests-of.js';

/** A contract test and its outcome. */
export interface ContractResult {
  readonly test: ContractTest;
  readonly outcome: Outcome;
}

/**
 * Runs contract tests without a test runner, one after the other.
 *
 * @param isWanted Selects the tests to run. Default: all.
 *
 * @example
 * ```ts
 * const results = await runConformance(
 *   { name: 'my backend', create: () => new MemoryBackend() },
 *   ({ id }) => id.startsWith('lifecycle/open'),
 * );
 * const failed = results.filter(({ outcome }) => outcome.state === 'failed');
 * ```
 */
export async function runConformance<Shared = undefined>(
  conformanceOptions: ConformanceOptions<Shared>,
  isWanted: (test: ContractTest) => boolean = () => true,
): Promise<readonly ContractResult[]> {
  const options = resolveOptions(conformanceOptions);
  const results: ContractResult[] = [];
  try {
    for (const test of testsOf(options)) {
      if (isWanted(test)) results.push({ test, outcome: await execute(test, options) });
    }
  } finally {
    await options.teardown();
  }
  return results;
}
