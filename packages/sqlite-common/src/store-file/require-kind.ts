import { StorageError } from '@switchyard/storage-core';
import { text } from '../rows/text-columns.js';
import type { StoreKind } from './store-kind.js';

/** Names of all tables, for stores that are identified by SQL. */
export const TABLE_NAMES = `
  SELECT ${text('sqlite_master.name')} FROM sqlite_master WHERE type = 'table'`;

/**
 * Refuses a store of another kind and explains how to open it. Accepts an empty database.
 *
 * @param location The path, as a user would type it in a command.
 * @throws StorageError `STORAGE_SCHEMA_UNSUPPORTED`.
 */
export function requireKind(
  kind: StoreKind,
  expected: 'legacy' | 'switchyard-libsql',
  { backend, location }: { readonly backend: string; readonly location: string },
): void {
  if (kind === 'empty' || kind === expected) return;
  const { message, advice } = refusals[kind](location);
  throw new StorageError('STORAGE_SCHEMA_UNSUPPORTED', `${message} Nothing was changed.`, {
    backend,
    advice,
    details: { found: kind, expected },
  });
}

interface Refusal {
  readonly message: string;
  readonly advice?: string | undefined;
}

const refusals: Readonly<Record<Exclude<StoreKind, 'empty'>, (location: string) => Refusal>> = {
  legacy: (location) => ({
    // @legacy-begin
    message:
      `${location} is a store of the sqlite-vec backend: open it as sqlite-vec:${location} ` +
      `(needs @switchyard/backend-sqlite-vec), or convert it: switchyard convert ${location} --to NEW.db.`,
    advice: 'Use that connection string or that command.',
    // @legacy-end
    // @after-legacy: message: `${location} is a legacy store (sqlite-vec), which this version does not read.`,
    // @after-legacy: advice: 'Convert it with an earlier version: npx @switchyard/cli@0.1 convert LEGACY --to NEW.db.',
  }),
  'switchyard-libsql': (location) => ({
    message: `${location} is a store of the libsql backend: open it as file:${location}.`,
    advice: 'Use that connection string; a store of the libsql backend needs no conversion.',
  }),
  foreign: (location) => ({
    message: `${location} is a database, but not a store of Switchyard.`,
    advice: 'Pass the path of a store, or of a file that does not exist yet.',
  }),
};
