import { defineBackendConformance } from '@switchyard/storage-conformance';
import { connect } from './support/connect.js';
import { describeWithSqld, sharedServer } from './support/sqld.js';

describeWithSqld('a real sqld over HTTP', () => {
  const server = sharedServer();

  for (const isolation of ['inline', 'process']) {
    defineBackendConformance({
      name: `libsql (sqld over HTTP, isolation=${isolation})`,
      runs: 5,
      skipped: 0,
      create: async () => {
        const connection = `${(await server.empty()).url}?isolation=${isolation}`;
        return { backend: connect(connection), reopen: () => connect(connection) };
      },
    });
  }
});
