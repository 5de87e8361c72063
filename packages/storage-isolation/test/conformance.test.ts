import { defineBackendConformance } from '@switchyard/storage-conformance';
import type { BackendDefinition } from '@switchyard/storage-core/backend';
import { isolate } from '@switchyard/storage-isolation';

const module = new URL('./fixtures/memory.mjs', import.meta.url);
const { memory } = (await import(module.href)) as { memory: BackendDefinition };

defineBackendConformance({
  name: 'memory (isolation=process)',
  skipped: 11,
  create: () =>
    isolate({
      definition: memory,
      reference: { module, exportName: 'memory' },
      connection: {
        backend: 'memory',
        location: { type: 'memory' },
        authToken: null,
        options: {},
        redacted: ':memory:',
      },
      // One process for all tests that leave theirs sound: starting one takes longer than most tests. The launcher's
      // processes cannot be kept, so it must not start.
      options: { keepChild: true, launcherDelayMs: 2 ** 31 - 1 },
    }),
});
