import { libsqlBackend } from '@switchyard/backend-libsql';
import { startSqld } from '@switchyard/sqld';
import { defineBackendConformance } from '@switchyard/storage-conformance';
import { parseConnectionString, type StorageBackend } from '@switchyard/storage-core';
import { describeWithSqld } from './support/sqld.js';

function create(connection: string): StorageBackend {
  return libsqlBackend.create(parseConnectionString(connection, { backends: [libsqlBackend] }));
}

describeWithSqld('on a real sqld', () => {
  defineBackendConformance({
    name: 'libsql (sqld over HTTP)',
    runs: 5,
    create: async () => {
      const server = await startSqld();
      return {
        backend: create(server.url),
        reopen: () => create(server.url),
        cleanup: () => server.stop(),
      };
    },
  });
});
