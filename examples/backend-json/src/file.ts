import * as crypto from 'node:crypto';
import * as fs from 'node:fs';
import { dirname } from 'node:path';
import { isStorageError, StorageError, type StorageErrorCode } from '@switchyard/storage-core';
import type { CatalogTables } from '@switchyard/storage-core/backend';

/** Content of a store. Rows are never modified, only replaced. */
export interface State extends CatalogTables {
  /** Hash of the content in the file; null without a file. */
  readonly hash: string | null;
  lastId: number;
}

const HEADER = /^\{"format":"switchyard-json","level":1,"sha256":"([0-9a-f]{64})","content":/;
const TABLES = ['libraries', 'versions', 'pages', 'chunks'] as const;
const CODES: Readonly<Record<string, StorageErrorCode>> = {
  EEXIST: 'STORAGE_BUSY', // the temporary file of a writer, which is also its lock
  ENOENT: 'STORAGE_NOT_FOUND',
  ENOSPC: 'STORAGE_DISK_FULL',
  EACCES: 'STORAGE_PERMISSION_DENIED',
};

/** Returns the state in the file, or `known` if it is that state or there is no file. @throws StorageError */
export function readState(path: string, known: State): State {
  if (!fs.existsSync(path)) return known;
  return withFile(path, 'r', (file) => {
    const bytes = Buffer.alloc(200);
    fs.readSync(file, bytes, 0, bytes.length, 0);
    const [header = '', hash] = HEADER.exec(bytes.toString('latin1')) ?? [];
    if (hash !== undefined && hash === known.hash) return known;
    const content = fs.readFileSync(file, 'utf8').slice(header.length, -1);
    if (hash !== crypto.hash('sha256', content))
      throw fail('STORAGE_CORRUPT', `${path} is damaged, or not a JSON store.`);
    const { lastId, ...rows } = JSON.parse(content);
    for (const name of TABLES) rows[name] = new Map(rows[name]);
    return { hash, lastId, ...rows };
  });
}

/** Replaces the file by one with the state that `change` makes of the current one. */
export function writeState<T>(path: string, known: State, change: (state: State) => [State, T]): [State, T] {
  const temporary = `${path}.tmp`;
  return withFile(temporary, 'wx', (file) => {
    try {
      const isGone = known.hash !== null && !fs.existsSync(path);
      if (isGone) throw fail('STORAGE_FILE_REPLACED', `${path} was moved or deleted.`);
      const [state, result] = change(readState(path, known));
      const rows = Object.fromEntries(TABLES.map((name) => [name, [...state[name]]]));
      const content = JSON.stringify({ lastId: state.lastId, ...rows });
      const hash = crypto.hash('sha256', content);
      fs.writeFileSync(
        file,
        `{"format":"switchyard-json","level":1,"sha256":"${hash}","content":${content}}`,
      );
      fs.fsyncSync(file);
      fs.renameSync(temporary, path);
      syncFolder(dirname(path));
      return [{ ...state, hash }, result];
    } catch (error) {
      // After the rename, the file may be the lock of another writer.
      if (!isStorageError(error) || error.outcome !== 'unknown') fs.rmSync(temporary, { force: true });
      throw error;
    }
  });
}

/** Makes a rename durable. Windows does it by itself. */
function syncFolder(path: string): void {
  try {
    if (process.platform !== 'win32') withFile(path, 'r', fs.fsyncSync);
  } catch (error) {
    throw isStorageError(error) ? error.with({ outcome: 'unknown' }) : error;
  }
}

function withFile<T>(path: string, flag: string, work: (file: number) => T): T {
  let file: number | null = null;
  try {
    file = fs.openSync(path, flag);
    return work(file);
  } catch (error) {
    if (isStorageError(error) || !(error instanceof Error) || !('code' in error)) throw error;
    throw fail(CODES[String(error.code)] ?? 'STORAGE_INTERNAL', error.message, error);
  } finally {
    if (file !== null) fs.closeSync(file);
  }
}

export function fail(code: StorageErrorCode, message: string, cause?: unknown): StorageError {
  return new StorageError(code, message, { backend: 'json', outcome: 'not-applied', cause });
}
