import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sqliteVecBackend } from '@switchyard/backend-sqlite-vec';
import { defineBackendConformance } from '@switchyard/storage-conformance';
import { parseConnectionString, type StorageBackend } from '@switchyard/storage-core';
import { fingerprintOf } from './support/fingerprint.js';

function create(connection: string): StorageBackend {
  return sqliteVecBackend.create(parseConnectionString(connection, { backends: [sqliteVecBackend] }));
}

defineBackendConformance({
  name: 'sqlite-vec (memory)',
  // Only the lifetime of the store differs from that of a file.
  groups: ['lifecycle', 'calls', 'capabilities', 'atomicity', 'staging', 'vectors', 'fts'],
  create: () => create('sqlite-vec::memory:'),
});

defineBackendConformance({
  name: 'sqlite-vec (file)',
  skipped: 5,
  create: () => {
    const folder = mkdtempSync(join(tmpdir(), 'switchyard-sqlite-vec-'));
    const file = join(folder, 'store.db');
    const connection = `sqlite-vec:${file}`;
    return {
      backend: create(connection),
      reopen: () => create(connection),
      file,
      fingerprint: () => fingerprintOf(join(folder, 'store.db')),
      cleanup: () => rmSync(folder, { recursive: true, force: true }),
    };
  },
});
