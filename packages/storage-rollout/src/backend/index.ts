export { RolloutBackend, type RolloutOptions } from './rollout-backend.js';
export { type EnrollOptions, enrollStores, retireStores, type Stores } from './stores.js';
