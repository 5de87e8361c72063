import type { SqliteDriver } from '@switchyard/sqlite-common';
import type { StoreSearch } from '../search/store-search.js';
import type { RemoteApplyContext } from '../server/apply.js';

/** A connection, and what searches by it. */
export interface OpenStore {
  readonly driver: SqliteDriver;
  readonly search: StoreSearch;
  /** How writes are sent to a server; null where they are not. */
  readonly remoteWrites: Omit<RemoteApplyContext, 'driver'> | null;
}
