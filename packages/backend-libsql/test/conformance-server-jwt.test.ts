import { createJwtKeys } from '@switchyard/sqld';
import { defineBackendConformance } from '@switchyard/storage-conformance';
import { connectInTurn } from './support/connect.js';
import { fingerprintOfServer } from './support/server-fingerprint.js';
import { describeWithSqld, serverPool } from './support/sqld.js';

describeWithSqld('a real sqld that wants tokens signed with Ed25519', () => {
  const keys = createJwtKeys();
  const token = keys.token();
  const servers = serverPool({ jwtPublicKey: keys.publicKey }, token);

  for (const isolation of ['inline', 'process']) {
    defineBackendConformance({
      name: `libsql (sqld with JWT, isolation=${isolation})`,
      runs: 5,
      skipped: 0,
      secrets: [token],
      create: async () => {
        const server = await servers.take();
        const connection = `${server.url}?isolation=${isolation}`;
        return {
          backend: connectInTurn(connection, token),
          reopen: () => connectInTurn(connection, token),
          fingerprint: () => fingerprintOfServer(server.url, token),
          cleanup: () => server.giveBack(),
        };
      },
    });
  }
});
