/** The contract of Switchyard backends as a test suite for vitest. */
import type { ConformanceOptions } from './suite/options.js';
import { registerConformance } from './suite/register.js';
import type { TestRunner } from './suite/runner.js';
import { vitestRunner } from './suite/vitest-runner.js';

export { contractTests } from './contract/index.js';
export type { ConformanceOptions, CreatedStore, InterruptibleStore, ProvokedError } from './suite/options.js';
export type { TestRunner } from './suite/runner.js';

/**
 * Registers every contract test for one backend, and a final test that prints and checks how many contract tests were
 * executed. Call it at the top level of a test file.
 *
 * @param options.runner Test runner. Default: vitest.
 * @throws TypeError for invalid options.
 *
 * @example
 * ```ts
 * defineBackendConformance({ name: 'my backend', create: () => new MemoryBackend() });
 * ```
 */
export function defineBackendConformance<Shared = undefined>({
  runner = vitestRunner,
  ...options
}: ConformanceOptions<Shared> & { readonly runner?: TestRunner | undefined }): void {
  registerConformance(runner, options);
}
