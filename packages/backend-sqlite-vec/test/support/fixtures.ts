import { unpackLegacyStore, unpackUntidyStore } from '../../../../tests/support/legacy-fixtures.js';
import { tempFile } from './temp.js';

export {
  fixturesNote,
  type GoldenSearch,
  goldenSearches,
  haveFixtures,
  vectorOf,
} from '../../../../tests/support/legacy-fixtures.js';

/** Unpacks a store into a temporary folder. */
export function unpack(name: string): string {
  return unpackLegacyStore(name, tempFile());
}

/** Unpacks the untidy store into a temporary folder. */
export function unpackUntidy(): string {
  return unpackUntidyStore(tempFile());
}
