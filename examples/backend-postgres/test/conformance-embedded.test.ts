import { defineBackendConformance } from '@switchyard/storage-conformance';
import { createStore, startEmbedded } from './support/shared-database.js';

defineBackendConformance({
  name: 'postgres (PGlite)',
  setup: startEmbedded,
  create: (shared) => createStore(shared),
  teardown: ({ stop }) => stop(),
  // Every statement takes CPU time in WebAssembly.
  runs: 2,
  skipped: 5,
});
