/**
 * Writes a whole store with SQL of the caller's own, such as a conversion of another format: connections, the schema,
 * vectors with their 8-bit codes, and memory. For tools that write a file that nobody else has open. Applications use
 * the backend.
 *
 * Unlike the ports, this entry knows the tables of the store: see `docs/concepts/data-storage.md`. A schema level that
 * changes them changes what its callers have to write.
 */
export { collectGarbage, collectYoungGarbage, forgetFrames } from '../driver/collect-garbage.js';
export { fromBlob, isFiniteVector } from '../vectors/blob.js';
export { lengthOf } from '../vectors/scale.js';
export { type ConnectionOptions, connect } from './connect.js';
export { createSchema, type NewStore } from './create-schema.js';
export { releaseClosedConnections } from './release.js';
export { finishVectors, type NewVector, VectorWriter } from './vector-writer.js';
