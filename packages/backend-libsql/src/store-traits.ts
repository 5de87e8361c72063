import type { Capabilities, Location } from '@switchyard/storage-core';
import { capabilities, memoryCapabilities, replicaCapabilities, serverCapabilities } from './capabilities.js';

/** Properties of a store that its location determines, before it is opened. */
export interface StoreTraits {
  readonly capabilities: Capabilities;
  /** See `StorageBackend.writeBytesMax`. */
  readonly writeBytesMax?: number;
  /** Path of the database file in this file system. */
  readonly path?: string;
  /** True if a server may ask for a token. Default false. */
  readonly usesToken?: boolean;
  /** True for replicas, which fetch what others wrote on demand. Default false. */
  readonly syncs?: boolean;
  /** Maximum number of chunks with texts that are read by one statement of a copy. Default: all. */
  readonly snapshotChunksMax?: number;
  /** Maximum bytes of vectors that are read by one statement of a copy. Default: see `vectorsOfPages`. */
  readonly snapshotVectorBytesMax?: number;
  /** Maximum number of chunks that are read by one statement of a re-embedding. Default: all. */
  readonly stagingChunksMax?: number;
}

/** Text and float32 vectors of about fifty chunks: some ten milliseconds. */
const LOCAL_WRITE_BYTES = 220_000;
/** sqld refuses results of more than 10 MB. */
const SERVER_VECTOR_BYTES = 3_000_000;
/** Texts are some kilobytes each. */
const SERVER_CHUNKS = 500;

/** Returns the traits of a store by its location. */
export function traitsOf(location: Location): StoreTraits {
  switch (location.type) {
    case 'file':
      return { capabilities, writeBytesMax: LOCAL_WRITE_BYTES, path: location.path };
    case 'memory':
      return { capabilities: memoryCapabilities, writeBytesMax: LOCAL_WRITE_BYTES };
    case 'server':
      return {
        capabilities: serverCapabilities,
        usesToken: true,
        snapshotChunksMax: SERVER_CHUNKS,
        snapshotVectorBytesMax: SERVER_VECTOR_BYTES,
        stagingChunksMax: SERVER_CHUNKS,
      };
    case 'replica':
      return {
        capabilities: replicaCapabilities,
        path: location.path,
        usesToken: true,
        syncs: true,
        stagingChunksMax: SERVER_CHUNKS,
      };
  }
}
