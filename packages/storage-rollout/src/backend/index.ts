export type { GateSettings, PromoteOptions } from './gate-keeper.js';
export { type AutomaticDemotion, DEMOTION_CHANNEL } from './live-guard.js';
export { RolloutBackend, type RolloutOptions } from './rollout-backend.js';
export type { SideStatus } from './side-stores.js';
export type { LibraryStatus, RolloutStatus } from './status.js';
export { type EnrollOptions, enrollStores, retireStores, type Stores } from './stores.js';
