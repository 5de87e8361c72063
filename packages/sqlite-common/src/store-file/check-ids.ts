import { StorageError } from '@switchyard/storage-core';
import type { SqliteDriver } from '../driver.js';

const TABLES = ['libraries', 'versions', 'pages', 'documents'] as const;

/**
 * Refuses a store with an id that is not a safe integer. Only reads the ends of four indexes.
 *
 * @param schema Schema name of an attached store. Default `main`.
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
        `${Number.MAX_SAFE_INTEGER}. No application assigns any others: the file is damaged or was edited by hand. ` +
        'Restore a backup, or make a copy and change the id of the row. Nothing was changed.',
      { backend, details: { table, id: String(wrong) } },
    );
  }
}
