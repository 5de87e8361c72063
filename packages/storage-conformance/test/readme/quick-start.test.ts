import { defineBackendConformance } from '@switchyard/storage-conformance';
import { createMemoryState, MemoryBackend } from '@switchyard/storage-conformance/memory'; // your backend

defineBackendConformance({
  name: 'my backend',
  create() {
    const state = createMemoryState(); // a temporary folder, or a fresh database
    const make = () => new MemoryBackend({ state, capabilities: { multiProcess: true } });
    return {
      backend: make(), // not yet open, on an empty store
      reopen: make, // another one on the same store
      cleanup() {
        state.tables.chunks.clear(); // removes the store
      },
    };
  },
  skipped: 0,
});
