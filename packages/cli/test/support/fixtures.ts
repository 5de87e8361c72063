import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  type GoldenSearch,
  goldenSearches,
  unpackLegacyStore,
  unpackUntidyStore,
} from '../../../../tests/support/legacy-fixtures.js';

export { type GoldenSearch, haveFixtures as hasFixtures } from '../../../../tests/support/legacy-fixtures.js';

/** Unpacks a legacy store into a folder and returns its path. */
export function unpack(name: string, folder: string): string {
  return unpackLegacyStore(name, join(folder, `${name}.db`));
}

/** Unpacks the untidy store into a folder and returns its path. */
export function unpackUntidy(folder: string): string {
  const own = join(folder, 'level-14-untidy');
  mkdirSync(own);
  return unpackUntidyStore(join(own, 'documents.db'));
}

/** Reads the golden searches of a store. */
export function golden(name: string): readonly GoldenSearch[] {
  return goldenSearches(`${name}.json`);
}

/** Writes searches as a file of queries. */
export function asQueries(searches: readonly GoldenSearch[]): string {
  return searches.map(({ hits: _hits, ...query }) => `${JSON.stringify(query)}\n`).join('');
}
