import type { ContractTest } from '../suite/contract-test.js';
import { callTests } from './calls.js';
import { capabilityTests } from './capabilities.js';
import { lifecycleTests } from './lifecycle.js';
import { migratorTests } from './migrator.js';
import { pageTests } from './pages.js';
import { persistenceTests } from './persistence.js';
import { versionTests } from './versions.js';

/** The whole contract. */
export const contractTests: readonly ContractTest[] = [
  ...lifecycleTests,
  ...callTests,
  ...capabilityTests,
  ...migratorTests,
  ...versionTests,
  ...pageTests,
  ...persistenceTests,
];
