/** Deliberately broken backends: what the suite is tested with. */
import type { Fault } from './fault.js';
import { fileFaults } from './file-faults.js';
import { lifecycleFaults } from './lifecycle-faults.js';
import { readFaults } from './read-faults.js';
import { searchFaults } from './search-faults.js';
import { stagingFaults } from './staging-faults.js';
import { writeFaults } from './write-faults.js';

export type { Fault } from './fault.js';

/** All of them. */
export const faults: readonly Fault[] = [
  ...lifecycleFaults,
  ...fileFaults,
  ...writeFaults,
  ...readFaults,
  ...searchFaults,
  ...stagingFaults,
];
