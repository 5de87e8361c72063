import { StorageError } from '@switchyard/storage-core';
import type { SqliteDriver } from '../driver.js';

const TABLES = ['libraries', 'versions', 'pages', 'documents'] as const;

/**
 * Refuses a store that holds an id which cannot be handed out as a number. Looks at the ends of four indexes, no more.
 *
 * @param schema The schema of an attached store. Default `main`.
 * @throws StorageError `STORAGE_CORRUPT` that names the table and the row.
 */
export function requireSafeIds(
  driver: SqliteDriver,
  {
    backend,
    location,
    schema = 'main',
  }: { readonly backend: string; readonly location: string; readonly schema?: string },
): void {
  for (const table of TABLES) {
    const sql = `SELECT min(id) AS low, max(id) AS high FROM ${schema}.${table}`;
    const { low, high } = driver.first<Record<'low' | 'high', number | bigint | null>>(sql) ?? {};
    const wrong = typeof high === 'bigint' ? high : low != null && low < 1 ? low : undefined;
    if (wrong === undefined) continue;
    throw new StorageError(
      'STORAGE_CORRUPT',
      `The table ${table} of ${location} has a row with the id ${wrong}; ids are whole numbers from 1 to ` +
        `${Number.MAX_SAFE_INTEGER}. No application assigns another one: the file is damaged, or was changed by hand. ` +
        'Restore a backup, or give the row another id, after a backup. Nothing was changed.',
      { backend, details: { table, id: String(wrong) } },
    );
  }
}
