/** The contract independent of vitest, for other test runners and for programs. */
export { contractTests } from './contract/index.js';
export { TestContext } from './suite/context.js';
export { type ContractTest, type Need, unmetNeed } from './suite/contract-test.js';
export type { Outcome } from './suite/execute.js';
export { type ContractGroup, contractGroups } from './suite/groups.js';
export type { ConformanceOptions, CreatedStore, ProvokedError } from './suite/options.js';
export { registerConformance } from './suite/register.js';
export { type ContractResult, runConformance } from './suite/run.js';
export type { TestRunner } from './suite/runner.js';
