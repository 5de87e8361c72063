import { StorageError } from '../errors/storage-error.js';

/**
 * Returns the last key of rows that were read in ascending order of their keys after `after`, or null when there are no
 * rows.
 *
 * A loop that reads a table in parts continues after the last key of each part. A damaged B-tree yields rows out of
 * order without an error, and such a loop would then read the same rows forever.
 *
 * @param after Key after which the rows were requested.
 * @param rows Name of the rows for the message, such as `pages`.
 * @throws StorageError `STORAGE_CORRUPT` when a key is not greater than the one before it.
 *
 * @example
 * ```ts
 * for (let after = 0; ; ) {
 *   const pages = await backend.catalog.pages({ versionId, after, limit: 100 });
 *   const last = lastKey(pages.map(({ id }) => id), after, 'pages');
 *   if (last === null) break;
 *   after = last;
 * }
 * ```
 */
export function lastKey(keys: Iterable<number>, after: number, rows: string): number | null {
  let last = after;
  let isEmpty = true;
  for (const key of keys) {
    if (!(key > last)) throw outOfOrder(rows, last, key);
    last = key;
    isEmpty = false;
  }
  return isEmpty ? null : last;
}

function outOfOrder(rows: string, before: number, key: number): StorageError {
  return new StorageError(
    'STORAGE_CORRUPT',
    `The store returned its ${rows} out of order: ${key} after ${before}. An index or table of its database is damaged. ` +
      'Keep a copy of the store and run `switchyard check STORE`, or restore a backup.',
    { details: { reason: 'out-of-order', rows, before, key } },
  );
}
