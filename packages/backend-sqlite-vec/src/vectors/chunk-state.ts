import type { AuditProblem } from '@switchyard/storage-core/backend';
import { fromBlob, isFiniteVector, readEmbedding, sameBytes, toBlob } from './embedding-json.js';

/** Chunks with their stored embedding and their entry in the index. */
export const selectChunks = `
SELECT
  d.id,
  d.embedding AS stored,
  v.embedding AS indexed,
  v.version_id AS indexedVersion,
  v."library_id" AS indexedLibrary,
  vs.id AS version,
  vs."library_id" AS library
FROM documents AS d
JOIN pages AS p ON p.id = d.page_id
JOIN versions AS vs ON vs.id = p.version_id
LEFT JOIN documents_vec AS v ON v.rowid = d.id
WHERE d.id > ?
ORDER BY d.id
LIMIT ?`;

/** A row of {@link selectChunks}. */
export interface IndexedChunk {
  readonly id: number;
  readonly stored: unknown;
  readonly indexed: Uint8Array | null;
  readonly indexedVersion: number | null;
  readonly indexedLibrary: number | null;
  readonly version: number;
  readonly library: number;
}

/** Availability of the vector of one chunk. */
export interface ChunkState {
  /** Vector search can find the chunk. */
  readonly isFound: boolean;
  /** The store has no vector for the chunk. */
  readonly isWithout: boolean;
  /** The store has a vector for the chunk, but it is unusable. */
  readonly isUnusable: boolean;
  /** The chunk has a stored embedding, and the index has a different one or has it in another version. */
  readonly indexDisagrees: boolean;
  readonly problem: AuditProblem | null;
}

const sound: ChunkState = {
  isFound: true,
  isWithout: false,
  isUnusable: false,
  indexDisagrees: false,
  problem: null,
};

/**
 * Compares the stored embedding of a chunk with its entry in the index. Without a stored embedding, the entry under the
 * chunk's own version is its vector.
 */
export function examineChunk(
  chunk: IndexedChunk,
  dimension: number,
  indexDimension: number | null,
): ChunkState {
  const { id: chunkId, stored, indexed, library, indexedLibrary } = chunk;
  const problem = (kind: AuditProblem['kind'], detail: string): AuditProblem => ({ kind, chunkId, detail });
  const isInPlace = chunk.indexedVersion === chunk.version && indexedLibrary === library;
  const isSearched = indexed !== null && indexDimension === dimension;
  const misplaced = `The index has the chunk in version ${chunk.indexedVersion}; it belongs to version ${chunk.version}.`;

  if (stored === null) {
    if (indexed === null) return { ...sound, isFound: false, isWithout: true };
    const unusable = { ...sound, isFound: false, isUnusable: true };
    if (!isSearched) {
      const detail = `Only the index holds a vector of the chunk, of ${indexDimension} components; this store holds vectors of ${dimension}.`;
      return { ...unusable, problem: problem('unusable', detail) };
    }
    if (!isInPlace) {
      const detail = `The chunk has no vector of its own. ${misplaced}`;
      return { ...unusable, problem: problem('damaged', detail) };
    }
    if (isFiniteVector(fromBlob(indexed))) return sound;
    const detail = 'Only the index holds a vector of the chunk, and it has a component that is not finite.';
    return { ...unusable, problem: problem('unusable', detail) };
  }

  const { vector, fault } = readEmbedding(stored, dimension);
  if (vector === null) {
    const detail = indexed === null ? fault : `${fault} The index still holds an older vector.`;
    return { ...sound, isFound: isSearched, isUnusable: true, problem: problem('unusable', detail) };
  }
  if (indexed === null) {
    const missing = problem('missing', 'The vector of the chunk is not in the index.');
    return { ...sound, isFound: false, isUnusable: true, problem: missing };
  }
  const differs = { ...sound, isFound: isSearched, isUnusable: !isSearched, indexDisagrees: true };
  if (!sameBytes(toBlob(vector), indexed)) {
    const nature = vector.every((component) => component === 0) ? ', which is all zero' : '';
    const detail = `The index holds another vector than the chunk${nature}.`;
    return { ...differs, problem: problem('damaged', detail) };
  }
  return isInPlace ? sound : { ...differs, problem: problem('damaged', misplaced) };
}
