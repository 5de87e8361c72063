import { legacyConnectionStrings } from '@switchyard/sqlite-common';
import { optionalBackend } from '@switchyard/storage-container/standalone';

/** The legacy backend. Its package is an optional peer, because installing it compiles native code. */
export const legacyBackend = optionalBackend(legacyConnectionStrings, {
  stores: "Legacy stores ('sqlite-vec:')",
  load: async () => (await import('@switchyard/backend-sqlite-vec')).sqliteVecBackend,
  advice: 'To convert a legacy store without it: switchyard convert LEGACY --to NEW.db.',
});
