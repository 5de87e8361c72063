/** The reference backend: the whole contract in memory. */
export { MemoryBackend, type MemoryBackendOptions } from './backend.js';
export { createMemoryState, type MemoryState } from './tables.js';
