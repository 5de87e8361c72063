import { defineBackendConformance } from '@switchyard/storage-conformance';
import { connectInTurn } from './support/connect.js';
import { fingerprintOfServer } from './support/server-fingerprint.js';
import { describeWithSqld, serverPool } from './support/sqld.js';

describeWithSqld('a real sqld over HTTP', () => {
  const servers = serverPool();

  /** In a child process, everything runs with a token as well: see `conformance-server-jwt.test.ts`. */
  const targets = [
    { name: 'libsql (sqld over HTTP, isolation=inline)', isolation: 'inline', skipped: 0 },
    {
      name: 'libsql (sqld over HTTP, isolation=process)',
      isolation: 'process',
      groups: ['lifecycle', 'calls', 'capabilities', 'persistence'],
    },
  ];

  for (const { isolation, ...target } of targets) {
    defineBackendConformance({
      ...target,
      runs: 5,
      create: async () => {
        const server = await servers.take();
        const connection = `${server.url}?isolation=${isolation}`;
        return {
          backend: connectInTurn(connection),
          reopen: () => connectInTurn(connection),
          fingerprint: () => fingerprintOfServer(server.url),
          cleanup: () => server.giveBack(),
        };
      },
    });
  }
});
