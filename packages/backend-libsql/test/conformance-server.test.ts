import { defineBackendConformance } from '@switchyard/storage-conformance';
import { connectInTurn } from './support/connect.js';
import { fingerprintOfServer } from './support/server-fingerprint.js';
import { describeWithSqld, serverPool } from './support/sqld.js';

describeWithSqld('a real sqld over HTTP', () => {
  const servers = serverPool();

  // In a child process, with a token: see `conformance-server-jwt.test.ts`.
  defineBackendConformance({
    name: 'libsql (sqld over HTTP, isolation=inline)',
    runs: 5,
    skipped: 0,
    create: async () => {
      const server = await servers.take();
      const connection = `${server.url}?isolation=inline`;
      return {
        backend: connectInTurn(connection),
        reopen: () => connectInTurn(connection),
        fingerprint: () => fingerprintOfServer(server.url),
        cleanup: () => server.giveBack(),
      };
    },
  });
});
