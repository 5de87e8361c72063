import type { BackendReport } from '@switchyard/storage-core';
import type {
  CandidateRequest,
  Candidates,
  FtsHit,
  FtsQuery,
  VectorHit,
  VectorQuery,
  VectorsQuery,
} from '@switchyard/storage-core/backend';

/** Searches of an open store. Each sees one state of the store. */
export interface StoreSearch {
  /** See `VectorIndex.nearest`. */
  nearest(query: VectorQuery): readonly VectorHit[];
  /** See `VectorIndex.hasAny`. */
  hasAny(query: VectorsQuery): boolean;
  /** See `FtsIndex.match`. */
  match(query: FtsQuery): readonly FtsHit[];
  /** See `StorageBackend.candidates`. */
  candidates(request: CandidateRequest): Candidates;
  /** Returns the usage of the caches, if there are any. */
  report(): Pick<BackendReport, 'vectorCache' | 'ftsCache'>;
  /** Releases the caches. */
  close(): void;
}
