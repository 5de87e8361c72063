import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineBackendConformance } from '@switchyard/storage-conformance';
import { connectInTurn } from './support/connect.js';
import { fingerprintOfServer } from './support/server-fingerprint.js';
import { describeWithSqld, freshServers } from './support/sqld.js';

describeWithSqld('an embedded replica of a real sqld', () => {
  const servers = freshServers();

  /** Applications have a replica in a child process. Inline, what the process changes runs again. */
  const targets = [
    { name: 'libsql (replica of sqld, isolation=process)', isolation: 'process', skipped: 6 },
    {
      name: 'libsql (replica of sqld, isolation=inline)',
      isolation: 'inline',
      groups: ['lifecycle', 'calls', 'event-loop', 'persistence'],
    },
  ];

  for (const { isolation, ...target } of targets) {
    defineBackendConformance({
      ...target,
      runs: 5,
      create: async () => {
        // A server of its own: its log would bring every replica what all tests before have done.
        const server = await servers.take();
        const folder = mkdtempSync(join(tmpdir(), 'switchyard-replica-'));
        const connection = `file:${join(folder, 'replica.db')}?syncUrl=${server.url}&isolation=${isolation}`;
        return {
          backend: connectInTurn(connection),
          reopen: () => connectInTurn(connection),
          fingerprint: () => fingerprintOfServer(server.url),
          cleanup: async () => {
            await server.stop();
            rmSync(folder, { recursive: true, force: true });
          },
        };
      },
    });
  }
});
