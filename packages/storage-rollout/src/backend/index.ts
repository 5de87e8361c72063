export { RolloutBackend, type RolloutOptions } from './rollout-backend.js';
export type { SideStatus } from './side-stores.js';
export type { LibraryStatus, RolloutStatus } from './status.js';
export { type EnrollOptions, enrollStores, retireStores, type Stores } from './stores.js';
