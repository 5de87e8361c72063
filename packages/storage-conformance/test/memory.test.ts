import { defineBackendConformance } from '@switchyard/storage-conformance';
import { MemoryBackend } from '@switchyard/storage-conformance/memory';

// With a store of its own, which is gone when it is closed; readme/quick-start.test.ts has the other kind.
defineBackendConformance({ name: 'memory', create: () => new MemoryBackend(), skipped: 7 });
