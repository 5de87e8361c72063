import { defineBackendConformance } from '@switchyard/storage-conformance';
import { MemoryBackend } from '@switchyard/storage-conformance/memory';

// Private state that is emptied on close; readme/quick-start.test.ts covers shared state.
defineBackendConformance({ name: 'memory', create: () => new MemoryBackend(), skipped: 11 });

// The scores of FTS5 are not owed, and everything else is.
defineBackendConformance({
  name: 'memory (its own ranking)',
  create: () => new MemoryBackend({ capabilities: { ranking: 'own' } }),
  skipped: 16,
  runs: 10,
});
