export type { AuditEntry, Move } from './audit-log.js';
export type { GateSettings, PromoteOptions, ReasonOptions } from './gate-keeper.js';
export { type AutomaticDemotion, DEMOTION_CHANNEL } from './live-guard.js';
export type { RolloutOptions } from './options.js';
export { RolloutBackend } from './rollout-backend.js';
export type { SideStatus } from './side-stores.js';
export type { LibraryStatus, RolloutStatus } from './status.js';
export { type EnrollOptions, enrollStores, retireStores, type Stores } from './stores.js';
export type { VerifyOptions } from './verifier.js';
