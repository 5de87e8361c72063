import type { StorageBackend } from '@switchyard/storage-core';
import type { ComparisonOptions } from '../compare/comparisons.js';
import type { Selection } from '../machine/buckets.js';
import type { Ceiling } from '../machine/ceiling.js';
import type { Side } from '../machine/sides.js';
import type { GateSettings } from './gate-keeper.js';

/** Options of a `RolloutBackend`. */
export interface RolloutOptions {
  /** Store that the application has used so far. Opened and closed by the rollout. */
  readonly old: StorageBackend;
  /** Store that it moves to. */
  readonly new: StorageBackend;
  /** Identity of the present boot of the machine of each store; another one than before means that a tail may be lost. */
  readonly boots: Readonly<Record<Side, string>>;
  /** Libraries that begin at the new side in `live`. Default: none; others are moved by `RolloutBackend.move`. */
  readonly selection?: Selection | undefined;
  /** Longest time in milliseconds that a write waits for a library that is being moved. Default 2000. */
  readonly waitMs?: number | undefined;
  /** Time in milliseconds for which opening waits for the side that is not needed. Default 2000. */
  readonly openMs?: number | undefined;
  /** Highest stage that this process reads with, as a `FlagCeiling`. Default: the persisted stage. */
  readonly ceiling?: { readonly current: Ceiling } | undefined;
  /** Settings of the comparison of searches in `shadow` and `live`. */
  readonly comparisons?: ComparisonOptions | undefined;
  /** Limits of the gates, and what is known of the durability of the new store. */
  readonly gates?: GateSettings | undefined;
}
