import { defineBackendConformance } from '@switchyard/storage-conformance';
import { createMemoryState, MemoryBackend, type MemoryState } from '@switchyard/storage-conformance/memory';

let created = 0;

defineBackendConformance({
  name: 'my backend, one server',
  setup: () => new Map<string, MemoryState>(), // start the server, once; may be asynchronous
  create(server) {
    const schema = `test_${++created}`;
    const state = createMemoryState(); // CREATE SCHEMA
    server.set(schema, state);
    const connect = () => new MemoryBackend({ state });
    return {
      backend: connect(),
      reopen: connect, // another connection to the same schema
      cleanup() {
        server.delete(schema); // DROP SCHEMA … CASCADE
      },
    };
  },
  teardown(server) {
    server.clear(); // stop the server
  },
  groups: ['lifecycle', 'versions', 'persistence'],
});
