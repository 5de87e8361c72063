import type { CallRunner, FtsIndex } from '@switchyard/storage-core/backend';
import { notWritten } from '../not-written.js';
import type { Store } from '../store.js';

/** Step 6. Full-text search in a version. Used once `fts` is declared in src/capabilities.ts. */
export function ftsPort(_store: Store, run: CallRunner): FtsIndex {
  return {
    // checkFtsQuery() first. Terms are words and phrases, never operators. @switchyard/fts-text ranks for engines that
    // have no FTS5.
    match: (_query, options) => run(options, () => notWritten('fts.match', 6)),
    // Both need the capability `ftsMaintenance`: requireCapability() refuses them without it.
    rebuild: (options) => run(options, () => notWritten('fts.rebuild', 6)),
    audit: (options) => run(options, () => notWritten('fts.audit', 6)),
  };
}
