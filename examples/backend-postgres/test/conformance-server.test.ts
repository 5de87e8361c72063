import { defineBackendConformance } from '@switchyard/storage-conformance';
import { cutConnections } from './support/cut-connections.js';
import { connectToServer, createStore } from './support/shared-database.js';

/** Groups about connections and transactions; all of them with `CONFORMANCE_GROUPS=all`. */
defineBackendConformance({
  name: 'postgres (server)',
  setup: connectToServer,
  create: (shared) => createStore(shared),
  teardown: ({ stop }) => stop(),
  groups: ['lifecycle', 'calls', 'atomicity', 'persistence'],
  runs: 4,
});

const { SWITCHYARD_POSTGRES_URL: server } = process.env;

// An embedded database does not end the transaction of a connection that its socket lost.
if (server !== undefined) {
  defineBackendConformance({
    name: 'postgres (server, connections cut)',
    setup: connectToServer,
    create: (shared) => createStore(shared),
    teardown: ({ stop }) => stop(),
    groups: ['outcomes'],
    interruptions: { 'connection-cut': () => cutConnections(server) },
    runs: 60,
  });
}

/** The vectors of a server that has no pgvector. */
defineBackendConformance({
  name: 'postgres (server, without pgvector)',
  setup: connectToServer,
  create: (shared) => createStore(shared, { pgvector: false }),
  teardown: ({ stop }) => stop(),
  groups: ['vectors', 'vector-values'],
  runs: 4,
});
