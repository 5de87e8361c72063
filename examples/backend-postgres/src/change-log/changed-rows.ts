import type { Query } from '../database/connection.js';
import { KEY_OF_LIBRARY, KEY_OF_VERSION, KEYS_OF_PAGES } from '../sql/change-log.js';
import { fullText, type KeyOfLibrary, type NamesRow, toKey } from './keys.js';

/**
 * Keys of the rows that a transaction changes, in the order of their first change. The code that writes a row notes it here
 * while the row is there: before its deletion, and after anything else. Notes nothing in a store without a rollout.
 */
export class ChangedRows {
  readonly #query: Query;
  readonly #isEnrolled: boolean;
  readonly #keys = new Map<string, KeyOfLibrary>();

  constructor(query: Query, isEnrolled: boolean) {
    this.#query = query;
    this.#isEnrolled = isEnrolled;
  }

  get keys(): readonly KeyOfLibrary[] {
    return [...this.#keys.values()];
  }

  library(id: number | undefined): Promise<void> {
    return this.#note(KEY_OF_LIBRARY, id ?? null);
  }

  version(id: number): Promise<void> {
    return this.#note(KEY_OF_VERSION, id);
  }

  pages(ids: readonly number[]): Promise<void> {
    return this.#note(KEYS_OF_PAGES, ids);
  }

  async #note(text: string, rows: number | null | readonly number[]): Promise<void> {
    if (!this.#isEnrolled) return;
    for (const names of await this.#query<NamesRow>(text, [rows])) {
      const key = toKey(names);
      if (!this.#keys.has(fullText(key))) this.#keys.set(fullText(key), key);
    }
  }
}
