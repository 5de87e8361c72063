import type { SqliteDriver } from '@switchyard/sqlite-common';
import Database from 'libsql';
import { LibsqlDriver } from '../driver/libsql-driver.js';
import type { LocalStore } from './local-store.js';

/** Opens an empty database in memory. */
export function openMemory(): SqliteDriver {
  return new LibsqlDriver({
    location: ':memory:',
    reconnects: false,
    connect: () => new Database(':memory:'),
  });
}

/** Opens an empty store in memory, which is gone when it is closed. */
export function openMemoryStore(): LocalStore {
  const driver = openMemory();
  return {
    driver,
    isPrivate: true,
    attach: () => null,
    prepare: () => undefined,
    schemaReady: () => undefined,
    reclaim: async () => ({
      bytesBefore: null,
      bytesAfter: null,
      limitation: 'A store in memory takes no disk space.',
    }),
    close: async () => driver.close(),
  };
}
