import type { IndexedText } from '@switchyard/fts-text';
import type {
  ChunkId,
  EmbeddingProfile,
  LibraryId,
  LibraryRecord,
  PageId,
  PageRecord,
  VersionId,
  VersionRecord,
} from '@switchyard/storage-core';
import { type ChunkRow, chunksIn, pagesIn } from '@switchyard/storage-core/backend';
import { type IdKind, LogTables } from './log-tables.js';

/** A chunk as stored in memory. */
export interface StoredChunk extends ChunkRow {
  /** Terms for full-text search. */
  readonly indexed: IndexedText;
}

/** Vectors that will replace those of the chunks; null for a chunk that was given up. */
export interface StagedVectors {
  readonly profile: EmbeddingProfile;
  readonly vectors: Map<ChunkId, Float32Array | null>;
}

/** The content of a store. Records are never modified, only replaced. */
export class Tables {
  readonly libraries: Map<LibraryId, LibraryRecord>;
  readonly versions: Map<VersionId, VersionRecord>;
  readonly pages: Map<PageId, PageRecord>;
  readonly chunks: Map<ChunkId, StoredChunk>;
  profile: EmbeddingProfile | null;
  staging: StagedVectors | null;
  /** Records of a rollout; null for a store that takes part in none. */
  log: LogTables | null;
  /** The largest id ever used; ids are unique across all kinds of rows. */
  lastId: number;

  constructor(from?: Tables) {
    this.libraries = new Map(from?.libraries);
    this.versions = new Map(from?.versions);
    this.pages = new Map(from?.pages);
    this.chunks = new Map(from?.chunks);
    this.profile = from?.profile ?? null;
    const staging = from?.staging ?? null;
    this.staging = staging === null ? null : { profile: staging.profile, vectors: new Map(staging.vectors) };
    this.lastId = from?.lastId ?? 0;
    const log = from?.log ?? null;
    this.log = log === null ? null : new LogTables(log);
  }

  /** Returns an id that was never used. The new side of a rollout counts in a range of its own. */
  nextId(kind: IdKind): number {
    const next = this.log?.nextIds.get(kind);
    if (next !== undefined) {
      this.log?.nextIds.set(kind, next + 1);
      return next;
    }
    this.lastId += 1;
    return this.lastId;
  }

  /** Records and returns an id that another backend assigned. */
  useId(id: number): number {
    this.lastId = Math.max(this.lastId, id);
    return id;
  }

  pagesOf(versionId: VersionId): PageRecord[] {
    return pagesIn(this, versionId);
  }

  /** Returns the chunks of a page, in page order. */
  chunksOf(pageId: PageId): StoredChunk[] {
    return chunksIn(this, pageId);
  }

  versionsOf(libraryId: LibraryId): VersionRecord[] {
    return [...this.versions.values()].filter((version) => version.libraryId === libraryId);
  }
}

/** State of a memory backend. Several backends may share one, as processes share a file. */
export interface MemoryState {
  tables: Tables;
}

/** Creates the state of an empty store. */
export function createMemoryState(): MemoryState {
  return { tables: new Tables() };
}
