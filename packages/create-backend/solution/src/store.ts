import type { indexText } from '@switchyard/fts-text';
import type {
  ChunkRecord,
  EmbeddingProfile,
  LibraryRecord,
  PageRecord,
  VersionRecord,
} from '@switchyard/storage-core';
import type { ChunkSnapshot } from '@switchyard/storage-core/backend';

/** A chunk as stored, with the terms under which full-text search finds it. */
export interface StoredChunk extends ChunkSnapshot {
  readonly pageId: ChunkRecord['pageId'];
  readonly text: ReturnType<typeof indexText>;
}

/** The content of the store. Rows are replaced, never changed. */
export class Tables {
  libraries = new Map<number, LibraryRecord>();
  versions = new Map<number, VersionRecord>();
  pages = new Map<number, PageRecord>();
  chunks = new Map<number, StoredChunk>();
  profile: EmbeddingProfile | null = null;
  lastId = 0;

  nextId(): number {
    this.lastId += 1;
    return this.lastId;
  }

  /** Records and returns an id that the caller assigned. */
  useId(id: number): number {
    this.lastId = Math.max(this.lastId, id);
    return id;
  }

  copy(): Tables {
    const copy = new Tables();
    copy.libraries = new Map(this.libraries);
    copy.versions = new Map(this.versions);
    copy.pages = new Map(this.pages);
    copy.chunks = new Map(this.chunks);
    copy.profile = this.profile;
    copy.lastId = this.lastId;
    return copy;
  }
}

/** A transaction works on a copy, which takes the place of the tables when it succeeds. */
export type Transaction = Tables;

/** A store in memory, which is empty whenever it is opened. */
export class Store {
  readonly location: string;
  #tables = new Tables();
  #writing: Promise<unknown> = Promise.resolve();

  constructor(location: string) {
    this.location = location;
  }

  async open(): Promise<void> {
    this.#tables = new Tables();
  }

  async close(): Promise<void> {
    this.#tables = new Tables();
  }

  /** One after the other, so that no write works on tables that another one is about to replace. */
  async write<T>(work: (transaction: Transaction) => Promise<T>): Promise<T> {
    const mine = this.#writing.then(async () => {
      const copy = this.#tables.copy();
      const result = await work(copy);
      this.#tables = copy;
      return result;
    });
    this.#writing = mine.catch(() => undefined);
    return mine;
  }

  async read<T>(work: (transaction: Transaction) => Promise<T>): Promise<T> {
    return work(this.#tables);
  }

  async profile({ profile }: Transaction): Promise<EmbeddingProfile | null> {
    return profile;
  }
}
