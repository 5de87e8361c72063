import type {
  CallOptions,
  ChunkId,
  LibraryId,
  LibraryRef,
  Mutation,
  PageRef,
  StorageBackend,
  VersionId,
  VersionRef,
} from '@switchyard/storage-core';
import {
  normalizeLibraryName,
  normalizeLibraryRef,
  normalizePageRef,
  normalizeVersionRef,
} from '@switchyard/storage-core/backend';
import { sides } from '../machine/sides.js';
import { isUnreachable } from './errors.js';
import type { Stores } from './stores.js';

/** Finds the library of what a call names by id. Ids are never reused, so what was found is kept. */
export class Locator {
  readonly #stores: Stores;
  readonly #libraries = new Map<LibraryId, string>();
  readonly #versions = new Map<VersionId, string>();

  constructor(stores: Stores) {
    this.#stores = stores;
  }

  /** Returns the names of the libraries that mutations concern. @param all Returns those of the whole store. */
  async ofMutations(
    mutations: readonly Mutation[],
    all: () => Promise<readonly string[]>,
    options: CallOptions | undefined,
  ): Promise<readonly string[]> {
    const names = new Set<string>();
    for (const mutation of mutations) {
      if (mutation.kind === 'clear') {
        for (const name of await all()) names.add(name);
      } else {
        const name = await this.ofMutation(mutation, options);
        if (name !== null) names.add(name);
      }
    }
    return [...names];
  }

  /** Returns the name of a library; null for an id that does not exist. */
  async ofLibrary(ref: LibraryRef, options?: CallOptions): Promise<string | null> {
    const normal = normalizeLibraryRef(ref);
    if ('library' in normal) return normal.library;
    const known = this.#libraries.get(normal.libraryId);
    if (known !== undefined) return known;
    const name = (await this.#first((store) => store.catalog.library(normal, options)))?.name ?? null;
    if (name !== null) this.#libraries.set(normal.libraryId, name);
    return name;
  }

  /** Returns the name of the library of a version; null for an id that does not exist. */
  async ofVersion(ref: VersionRef, options?: CallOptions): Promise<string | null> {
    const normal = normalizeVersionRef(ref);
    if ('library' in normal) return normal.library;
    const known = this.#versions.get(normal.versionId);
    if (known !== undefined) return known;
    const name = (await this.#first((store) => store.catalog.version(normal, options)))?.library ?? null;
    if (name !== null) this.#versions.set(normal.versionId, name);
    return name;
  }

  /** Returns the name of the library of a page; null for an id that does not exist. */
  async ofPage(ref: PageRef, options?: CallOptions): Promise<string | null> {
    const normal = normalizePageRef(ref);
    if ('version' in normal) return this.ofVersion(normal.version, options);
    const page = await this.#first((store) => store.catalog.page(normal, options));
    return page === null ? null : this.ofVersion({ versionId: page.versionId }, options);
  }

  /** Returns the name of the library of a chunk; null for an id that does not exist. */
  async ofChunk(id: ChunkId, options?: CallOptions): Promise<string | null> {
    const chunk = await this.#first(
      async (store) => (await store.catalog.chunks([id], undefined, options))[0] ?? null,
    );
    return chunk === null ? null : this.ofVersion({ versionId: chunk.versionId }, options);
  }

  /** Returns the name of the library that a mutation changes; null if it names something that does not exist. */
  async ofMutation(
    mutation: Exclude<Mutation, { readonly kind: 'clear' }>,
    options?: CallOptions,
  ): Promise<string | null> {
    switch (mutation.kind) {
      case 'resolveVersion':
        return normalizeLibraryName(mutation.library);
      case 'putLibrary':
      case 'putVersion':
        return normalizeLibraryName(mutation.library.name);
      case 'removeLibrary':
        return this.ofLibrary(mutation.library, options);
      case 'deletePage':
        return this.ofPage(mutation.page, options);
      default:
        return this.ofVersion(mutation.version, options);
    }
  }

  async #first<T>(read: (store: StorageBackend) => Promise<T | null>): Promise<T | null> {
    const failures: unknown[] = [];
    for (const side of sides) {
      try {
        const found = await read(this.#stores[side]);
        if (found !== null) return found;
      } catch (error) {
        if (!isUnreachable(error)) throw error;
        failures.push(error);
      }
    }
    // What is not found may be at the side that cannot be reached.
    if (failures.length > 0) throw failures[0];
    return null;
  }
}
