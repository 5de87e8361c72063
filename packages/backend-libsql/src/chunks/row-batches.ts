import type { SqlValue } from '@switchyard/sqlite-common';

/** Maximum length of the texts or vectors of one statement with several rows: servers refuse some megabytes. */
const MAX_LENGTH = 500_000;

/** Cuts items into batches for statements that take `size` rows; batches of long items are smaller. */
export function* rowBatches<T>(
  items: readonly T[],
  size: number,
  lengthOf: (item: T) => number,
): Generator<{ readonly from: number; readonly to: number }> {
  for (let from = 0, to = 0; from < items.length; from = to) {
    for (let length = 0; to < items.length && to - from < size; to++) {
      length += lengthOf(items[to] as T);
      if (length > MAX_LENGTH && to > from) break;
    }
    yield { from, to };
  }
}

/** Returns the values of a statement with several rows: the first ones given, all others NULL. */
export function rowValues(length: number, first: readonly SqlValue[]): SqlValue[] {
  const values = new Array<SqlValue>(length).fill(null);
  for (const [index, value] of first.entries()) values[index] = value;
  return values;
}
