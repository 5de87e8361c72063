import { defineBackendConformance } from '@switchyard/storage-conformance';
import { createMemoryState, MemoryBackend } from '@switchyard/storage-conformance/memory';

defineBackendConformance({ name: 'memory', create: () => new MemoryBackend() });

defineBackendConformance({
  name: 'memory (shared)',
  skipped: 0,
  create: () => {
    const make = () => new MemoryBackend({ state, capabilities: { multiProcess: true } });
    const state = createMemoryState();
    return { backend: make(), reopen: make };
  },
});
