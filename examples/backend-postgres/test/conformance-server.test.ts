import { defineBackendConformance } from '@switchyard/storage-conformance';
import { afterAll } from 'vitest';
import { cutConnections } from './support/cut-connections.js';
import { connectToServer, createStore, type SharedDatabase } from './support/shared-database.js';

/** The server of all runs in this file: an embedded one takes seconds to start. */
let connected: Promise<SharedDatabase> | undefined;
const setup = () => {
  connected ??= connectToServer();
  return connected;
};
afterAll(async () => (await connected)?.stop());

/** Groups about connections and transactions; all of them with `CONFORMANCE_GROUPS=all`. */
defineBackendConformance({
  name: 'postgres (server)',
  setup,
  create: (shared) => createStore(shared),
  groups: ['lifecycle', 'calls', 'atomicity', 'persistence'],
  runs: 3,
});

/** The vectors of a server that has no pgvector. */
defineBackendConformance({
  name: 'postgres (server, without pgvector)',
  setup,
  create: (shared) => createStore(shared, { pgvector: false }),
  groups: ['vectors', 'vector-values'],
  runs: 3,
});

const { SWITCHYARD_POSTGRES_URL: server } = process.env;

// An embedded database does not end the transaction of a connection that its socket lost.
if (server !== undefined) {
  defineBackendConformance({
    name: 'postgres (server, connections cut)',
    setup,
    create: (shared) => createStore(shared),
    groups: ['outcomes'],
    interruptions: { 'connection-cut': () => cutConnections(server) },
    runs: 60,
  });
}
