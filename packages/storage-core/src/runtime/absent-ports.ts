import { StorageError } from '../errors/storage-error.js';
import type { CapabilityFlag } from '../ports/capabilities.js';
import type { FtsIndex } from '../ports/fts-index.js';
import type { VectorIndex } from '../ports/vector-index.js';
import type { CallRunner } from './backend-base.js';

/**
 * Creates the `vectors` port of a backend without vector search, which declares `vectors: false`. It has no profile and
 * no vectors, and refuses everything else with `STORAGE_NOT_SUPPORTED`.
 *
 * @param run Runs a call of the backend, such as `BackendBase.run`.
 *
 * @example
 * ```ts
 * class WordsBackend extends MemoryBackend {
 *   override readonly vectors = withoutVectors('words', (options, work) => this.run(options, work));
 * }
 * ```
 */
export function withoutVectors(backend: string, run: CallRunner): VectorIndex {
  const refuse = refusing(backend, 'vectors');
  return {
    profile: (options) => run(options, () => null),
    hasAny: (_, options) => run(options, () => false),
    stats: (options) => run(options, () => ({ indexed: 0, without: 0, unusable: 0 })),
    reconcile: (_profile, _policy, options) => run(options, refuse),
    nearest: (_, options) => run(options, refuse),
    rebuild: (options) => run(options, refuse),
    audit: (options) => run(options, refuse),
  };
}

/**
 * Creates the `fts` port of a backend without full-text search, which declares `fts: false`. It refuses every call with
 * `STORAGE_NOT_SUPPORTED`.
 *
 * @param run Runs a call of the backend, such as `BackendBase.run`.
 *
 * @example
 * ```ts
 * class VectorsBackend extends MemoryBackend {
 *   override readonly fts = withoutFts('vectors', (options, work) => this.run(options, work));
 * }
 * ```
 */
export function withoutFts(backend: string, run: CallRunner): FtsIndex {
  const refuse = refusing(backend, 'fts');
  return {
    match: (_, options) => run(options, refuse),
    rebuild: (options) => run(options, refuse),
    audit: (options) => run(options, refuse),
  };
}

function refusing(backend: string, capability: CapabilityFlag): () => never {
  return () => {
    throw new StorageError(
      'STORAGE_NOT_SUPPORTED',
      `The ${backend} backend does not support ${capability}.`,
      {
        backend,
        details: { capability },
      },
    );
  };
}
