import { isStorageError } from '../errors/storage-error.js';
import type { StorageBackend } from '../ports/backend.js';
import type { CallOptions } from '../ports/call-options.js';
import type { ProfileRequest } from '../ports/vector-index.js';
import { afterPartialWrite } from '../runtime/partial-write.js';
import type { Mutation } from '../values/mutations.js';
import { wellFormed } from '../values/well-formed.js';

/** What a copy writes to. Keeps count, so that the error of a copy says the truth about the whole of it. */
export class CopyTarget {
  readonly backend: StorageBackend;
  readonly #options: CallOptions;
  #hasWritten = false;
  #pagesWritten = 0;

  constructor(backend: StorageBackend, options: CallOptions) {
    this.backend = backend;
    this.#options = options;
  }

  /** Gives the target the profile of the source. */
  async adopt(profile: ProfileRequest): Promise<void> {
    const { outcome } = await this.backend.vectors.reconcile(profile, 'refuse', this.#options);
    if (outcome !== 'unchanged') this.#hasWritten = true;
  }

  /** Where ids of the target are in the way, the error says what a copy needs. */
  async write(mutations: readonly Mutation[]): Promise<void> {
    try {
      await this.backend.apply(wellFormed(mutations), this.#options);
    } catch (error) {
      if (!isStorageError(error, 'STORAGE_CONSTRAINT')) throw error;
      throw error.with({
        advice:
          'A copy keeps its ids: copy into an empty store, or into one that holds an earlier copy of this one.',
      });
    }
    this.#hasWritten = true;
    this.#pagesWritten += mutations.filter(({ kind }) => kind === 'replacePage').length;
  }

  /** The error of the copy, which may have written something before. */
  explain(error: unknown): unknown {
    return this.#hasWritten ? afterPartialWrite(error, { pagesWritten: this.#pagesWritten }) : error;
  }
}
