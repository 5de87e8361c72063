import { defineBackendConformance } from '@switchyard/storage-conformance';
import { contractGroups } from '@switchyard/storage-conformance/suite';
import { createStore, startEmbedded } from './support/shared-database.js';

/**
 * All groups but the one that repeats calls for a long time: every statement takes CPU time in WebAssembly. All of them with
 * `CONFORMANCE_GROUPS=all`.
 */
const groups = contractGroups.map(({ name }) => name).filter((name) => name !== 'event-loop');

defineBackendConformance({
  name: 'postgres (PGlite)',
  setup: startEmbedded,
  create: (shared) => createStore(shared),
  teardown: ({ stop }) => stop(),
  groups,
  runs: 3,
});
