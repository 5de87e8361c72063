import postgresBackend, {
  capabilitiesOf,
  PostgresBackend,
  serverDatabase,
} from '@switchyard/example-backend-postgres';
import type { InterruptibleStore } from '@switchyard/storage-conformance';
import { parseConnectionString } from '@switchyard/storage-core';
import { startProxy } from './proxy.js';

/** Creates a store on a server whose connections are cut in the middle of writes. */
export async function cutConnections(connectionString: string): Promise<InterruptibleStore> {
  const { location, credentials } = parseConnectionString(connectionString, { backends: [postgresBackend] });
  if (location.type !== 'server') throw new Error('SWITCHYARD_POSTGRES_URL must name a server.');
  const proxy = await startProxy(location.url);
  const url = `postgres://127.0.0.1:${proxy.port}${new URL(location.url).pathname}`;
  const direct = serverDatabase({ url: location.url, credentials });
  const schema = `cut_${process.pid}`;
  return {
    backend: new PostgresBackend({
      database: serverDatabase({ url, credentials }),
      capabilities: capabilitiesOf('server'),
      schema,
    }),
    interrupt: () => proxy.cut(),
    restore: () => undefined,
    cleanup: async () => {
      const pool = await direct.pool(true);
      await pool?.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`);
      await direct.close();
      await proxy.stop();
    },
  };
}
