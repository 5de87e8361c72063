import { hybrid } from './hybrid.js';
import type { Scenario } from './scenario.js';
import { vectors } from './vectors.js';

/** Everything that can be measured. */
export const scenarios: readonly Scenario[] = [hybrid, vectors];
