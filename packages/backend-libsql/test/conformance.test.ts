import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { libsqlBackend } from '@switchyard/backend-libsql';
import { defineBackendConformance } from '@switchyard/storage-conformance';
import { parseConnectionString, type StorageBackend } from '@switchyard/storage-core';

function create(connection: string): StorageBackend {
  return libsqlBackend.create(parseConnectionString(connection, { backends: [libsqlBackend] }));
}

defineBackendConformance({ name: 'libsql (memory)', skipped: 5, create: () => create(':memory:') });

defineBackendConformance({
  name: 'libsql (file)',
  skipped: 0,
  create: () => {
    const folder = mkdtempSync(join(tmpdir(), 'switchyard-libsql-'));
    const file = join(folder, 'store.db');
    return {
      backend: create(file),
      reopen: () => create(file),
      cleanup: () => rmSync(folder, { recursive: true, force: true }),
    };
  },
});
