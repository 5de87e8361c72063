import { isStorageError } from '../errors/storage-error.js';
import type { StorageBackend } from '../ports/backend.js';
import type { CallOptions } from '../ports/call-options.js';
import type { ProfileRequest } from '../ports/vector-index.js';
import { afterPartialWrite } from '../runtime/partial-write.js';
import type { Mutation } from '../values/mutations.js';
import { wellFormed } from '../values/well-formed.js';

/** Target of a copy. Counts written pages, so that an error of the copy reports its overall outcome. */
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

  /** If ids are taken in the target, the error states the requirements of a copy. */
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

  /** Completes an error of the copy, which may have written pages before. */
  explain(error: unknown): unknown {
    if (!this.#hasWritten) return error;
    const pages = this.#pagesWritten;
    const note = `Before that, ${pages} ${pages === 1 ? 'page was' : 'pages were'} copied; the same call copies the rest.`;
    return afterPartialWrite(error, { pagesWritten: pages }, note);
  }
}
