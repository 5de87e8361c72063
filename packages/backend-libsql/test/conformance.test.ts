import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LibsqlBackend, libsqlBackend } from '@switchyard/backend-libsql';
import { defineBackendConformance } from '@switchyard/storage-conformance';
import { parseConnectionString, type StorageBackend } from '@switchyard/storage-core';
import { expect, it } from 'vitest';
import { watchBareColumns } from './support/bare-columns.js';
import { fingerprintOf } from './support/fingerprint.js';

const bareColumns = watchBareColumns();

function create(connection: string): StorageBackend {
  return libsqlBackend.create(parseConnectionString(connection, { backends: [libsqlBackend] }));
}

defineBackendConformance({ name: 'libsql (memory)', skipped: 11, create: () => create(':memory:') });

/**
 * Searching with codes in memory, without, and with so little memory that versions keep driving each other out. The
 * groups of the latter two are those that write or search vectors.
 */
const targets = [
  { name: 'libsql (file)', vectorCacheMiB: undefined, skipped: 0 },
  {
    name: 'libsql (file, no vector cache)',
    vectorCacheMiB: 0,
    groups: [
      'pages',
      'ids',
      'atomicity',
      'vectors',
      'vector-values',
      'profile',
      'staging',
      'reembedding',
      'filters',
      'candidates',
      'candidates-of-many',
      'search',
      'model',
    ],
  },
  {
    name: 'libsql (file, vector cache of 0.1 MiB)',
    vectorCacheMiB: 0.1,
    groups: [
      'pages',
      'ids',
      'atomicity',
      'vectors',
      'vector-values',
      'profile',
      'staging',
      'reembedding',
      'filters',
      'candidates',
      'candidates-of-many',
      'search',
      'model',
    ],
  },
];

for (const { vectorCacheMiB, ...target } of targets) {
  defineBackendConformance({
    ...target,
    create: () => {
      const folder = mkdtempSync(join(tmpdir(), 'switchyard-libsql-'));
      const location = { type: 'file', path: join(folder, 'store.db') } as const;
      return {
        backend: new LibsqlBackend({ location, vectorCacheMiB }),
        reopen: () => new LibsqlBackend({ location, vectorCacheMiB }),
        file: location.path,
        fingerprint: () => fingerprintOf(location.path),
        cleanup: () => rmSync(folder, { recursive: true, force: true }),
      };
    },
  });
}

it('no statement returned a column in which a damaged file could contain ill-formed text', () => {
  expect(bareColumns()).toEqual([]);
});
