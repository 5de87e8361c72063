import { createJwtKeys } from '@switchyard/sqld';
import { defineBackendConformance } from '@switchyard/storage-conformance';
import { connectInTurn } from './support/connect.js';
import { fingerprintOfServer } from './support/server-fingerprint.js';
import { describeWithSqld, serverPool } from './support/sqld.js';

describeWithSqld('a real sqld that wants tokens signed with Ed25519', () => {
  const keys = createJwtKeys();
  const token = keys.token();
  const servers = serverPool({ jwtPublicKey: keys.publicKey }, token);

  // As applications connect. The groups are those in which a connection, a child process or an error is the subject, where a
  // token can be lost or shown, and one of each port. That the token is also sent without isolation is tested in
  // auth-token.test.ts.
  defineBackendConformance({
    name: 'libsql (sqld with JWT, isolation=process)',
    runs: 5,
    groups: [
      'lifecycle',
      'calls',
      'capabilities',
      'migrator',
      'maintenance',
      'reading',
      'versions',
      'atomicity',
      'vectors',
      'staging',
      'fts',
      'candidates',
      'hostile',
      'well-formed',
      'change-log',
      'persistence',
    ],
    secrets: [token],
    create: async () => {
      const server = await servers.take();
      const connection = `${server.url}?isolation=process`;
      return {
        backend: connectInTurn(connection, token),
        reopen: () => connectInTurn(connection, token),
        fingerprint: () => fingerprintOfServer(server.url, token),
        cleanup: () => server.giveBack(),
      };
    },
  });
});
