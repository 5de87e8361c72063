import type { CallRunner, VectorIndex } from '@switchyard/storage-core/backend';
import { notWritten } from '../not-written.js';
import type { Store } from '../store.js';

/**
 * Step 4. The embedding profile of the store, and the nearest chunks of a version. Used once `vectors` is declared in
 * src/capabilities.ts.
 */
export function vectorsPort(_store: Store, run: CallRunner): VectorIndex {
  return {
    profile: (options) => run(options, () => notWritten('vectors.profile', 4)),
    // planReconcile() decides, in the transaction that then does it: keep, store the profile, or drop all vectors.
    reconcile: (_profile, _policy, options) => run(options, () => notWritten('vectors.reconcile', 4)),
    // requireSearchMode(), requireModel() and checkVectorQuery() first. distance() defines the order, ties by chunk id.
    nearest: (_query, options) => run(options, () => notWritten('vectors.nearest', 4)),
    hasAny: (_query, options) => run(options, () => notWritten('vectors.hasAny', 4)),
    stats: (options) => run(options, () => notWritten('vectors.stats', 4)),
    // Both need the capability `vectorMaintenance`: requireCapability() refuses them without it.
    rebuild: (options) => run(options, () => notWritten('vectors.rebuild', 4)),
    audit: (options) => run(options, () => notWritten('vectors.audit', 4)),
  };
}
