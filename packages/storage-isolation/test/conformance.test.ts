import { defineBackendConformance } from '@switchyard/storage-conformance';
import type { BackendDefinition } from '@switchyard/storage-core/backend';
import { isolate } from '@switchyard/storage-isolation';

const module = new URL('./fixtures/memory.mjs', import.meta.url);
const { memory } = (await import(module.href)) as { memory: BackendDefinition };

defineBackendConformance({
  name: 'memory (isolation=process)',
  skipped: 9,
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
    }),
});
