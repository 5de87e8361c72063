import { StorageError } from '@switchyard/storage-core';
import { normalizeVersionName } from '@switchyard/storage-core/backend';
import type { SqliteDriver } from '../driver.js';
import { ALL_NAMES } from './log-statements.js';

/** Maximum number of names in a message. */
const NAMES_SHOWN = 5;

interface NameRow {
  readonly library_id: number;
  readonly library: string;
  readonly id: number | null;
  readonly version: string | null;
}

/**
 * Refuses a store in which two libraries, or two versions of a library, have one name: names are compared in lower case,
 * and a version without a name is the same as one with an empty name. SQLite compares only ASCII letters without case, and
 * every NULL is another one to a unique index.
 *
 * @throws StorageError `STORAGE_CONSTRAINT`, which names them.
 */
export function requireOneNameEach(driver: SqliteDriver): void {
  const rows = new Map<string, { readonly shown: string; readonly ids: number[] }>();
  for (const { library_id: libraryId, library, id, version } of driver.all<NameRow>(ALL_NAMES)) {
    // Each library has its own versions, also where two libraries have one name.
    const isVersion = id !== null;
    const key = JSON.stringify(
      isVersion ? [libraryId, normalizeVersionName(version)] : [normalizeVersionName(library)],
    );
    const shown = isVersion
      ? `version '${version ?? ''}' of the library '${library}'`
      : `library '${library}'`;
    const found = rows.get(key) ?? { shown, ids: [] };
    found.ids.push(isVersion ? id : libraryId);
    rows.set(key, found);
  }
  const doubled = [...rows.values()].filter(({ ids }) => ids.length > 1);
  if (doubled.length === 0) return;
  const named = doubled.slice(0, NAMES_SHOWN).map(({ shown, ids }) => `${shown} (ids ${ids.join(', ')})`);
  const more = doubled.length > NAMES_SHOWN ? ` and ${doubled.length - NAMES_SHOWN} more` : '';
  throw new StorageError(
    'STORAGE_CONSTRAINT',
    `Several rows have one name: ${named.join('; ')}${more}. A rollout tells rows apart by name. Rename or remove all but one of each. Nothing was changed.`,
    { outcome: 'not-applied', details: { reason: 'one-name', names: named.join('; ') } },
  );
}
