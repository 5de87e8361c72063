import { defineBackendConformance } from '@switchyard/storage-conformance';
import { MemoryBackend } from '@switchyard/storage-conformance/memory';

// Private state that is emptied on close; readme/quick-start.test.ts covers shared state.
defineBackendConformance({ name: 'memory', create: () => new MemoryBackend(), skipped: 11 });
