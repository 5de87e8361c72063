/** Deliberately broken backends that test the suite itself. */
import { changeLogFaults } from './change-log-faults.js';
import { deletionFaults } from './deletion-faults.js';
import type { Fault } from './fault.js';
import { fileFaults } from './file-faults.js';
import { filterFaults } from './filter-faults.js';
import { lifecycleFaults } from './lifecycle-faults.js';
import { rankingFaults } from './ranking-faults.js';
import { readFaults } from './read-faults.js';
import { relativesFaults } from './relatives-faults.js';
import { searchFaults } from './search-faults.js';
import { stagingFaults } from './staging-faults.js';
import { writeFaults } from './write-faults.js';

export type { Fault } from './fault.js';

/** Every deliberately broken backend. */
export const faults: readonly Fault[] = [
  ...lifecycleFaults,
  ...fileFaults,
  ...writeFaults,
  ...deletionFaults,
  ...readFaults,
  ...relativesFaults,
  ...searchFaults,
  ...rankingFaults,
  ...filterFaults,
  ...stagingFaults,
  ...changeLogFaults,
];
