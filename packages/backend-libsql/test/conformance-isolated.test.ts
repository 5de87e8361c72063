import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineBackendConformance } from '@switchyard/storage-conformance';
import { connectInTurn } from './support/connect.js';
import { fingerprintOf } from './support/fingerprint.js';

defineBackendConformance({
  name: 'libsql (memory, isolation=process)',
  runs: 5,
  // The store ends with its process; the rest runs on a file below.
  groups: ['lifecycle', 'calls', 'event-loop', 'capabilities', 'atomicity', 'staging'],
  create: () => connectInTurn(':memory:?isolation=process'),
});

defineBackendConformance({
  name: 'libsql (file, isolation=process)',
  runs: 5,
  skipped: 0,
  create: () => {
    const folder = mkdtempSync(join(tmpdir(), 'switchyard-libsql-'));
    const file = join(folder, 'store.db');
    const connection = `${file}?isolation=process`;
    return {
      backend: connectInTurn(connection),
      reopen: () => connectInTurn(connection),
      file,
      fingerprint: () => fingerprintOf(join(folder, 'store.db')),
      cleanup: () => rmSync(folder, { recursive: true, force: true }),
    };
  },
});
