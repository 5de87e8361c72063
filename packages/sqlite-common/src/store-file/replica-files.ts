import { existsSync } from 'node:fs';
import { StorageError } from '@switchyard/storage-core';
import { realPath } from './real-path.js';

/** Sidecar files in which libSQL tracks the progress of a replica; the second is that of its newer protocol. */
export const REPLICA_MARKERS = ['-client_wal_index', '-info'] as const;

/** Returns true if the file is a replica of a store on a server. */
export function isReplicaFile(path: string): boolean {
  return [path, realPath(path)].some((file) =>
    REPLICA_MARKERS.some((marker) => existsSync(`${file}${marker}`)),
  );
}

/**
 * Refuses to open the file of a replica as a local store: the next sync overwrites local writes.
 *
 * @param location The path, as a user would type it in a command.
 * @throws StorageError `STORAGE_SCHEMA_UNSUPPORTED`.
 */
export function requireNoReplica(
  path: string,
  { backend, location }: { readonly backend: string; readonly location: string },
): void {
  if (!isReplicaFile(path)) return;
  throw new StorageError(
    'STORAGE_SCHEMA_UNSUPPORTED',
    `${location} is the replica of a store on a server: anything written to it without its server is lost at the next ` +
      `sync. Open it as file:${location}?syncUrl=URL, with the URL of the server; for a local store of its own, run ` +
      `\`switchyard copy "file:${location}?syncUrl=URL" NEW.db\`. Nothing was changed.`,
    { backend, outcome: 'not-applied', details: { found: 'replica' } },
  );
}
