import { defineBackendConformance } from '@switchyard/storage-conformance';
import { createStore, startEmbedded } from './support/shared-database.js';

defineBackendConformance({
  name: 'postgres (PGlite)',
  setup: startEmbedded,
  create: (shared) => createStore(shared),
  teardown: ({ stop }) => stop(),
  // Each statement takes about half a millisecond of CPU time in WebAssembly.
  runs: 3,
});
