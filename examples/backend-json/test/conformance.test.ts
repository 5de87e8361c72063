import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { JsonBackend } from '@switchyard/example-backend-json';
import { defineBackendConformance } from '@switchyard/storage-conformance';

defineBackendConformance({
  name: 'json (file)',
  setup: () => mkdtempSync(join(tmpdir(), 'switchyard-json-')),
  teardown: (folder) => rmSync(folder, { recursive: true }),
  create(folder) {
    const file = join(mkdtempSync(join(folder, 'store-')), 'store.json');
    return { backend: new JsonBackend(file), reopen: () => new JsonBackend(file), file };
  },
});
