import { StorageError } from '../errors/storage-error.js';
import type { StorageBackend } from '../ports/backend.js';
import type { CallOptions } from '../ports/call-options.js';
import type { Damage } from '../ports/store-maintenance.js';

/**
 * Finds damage that may hide rows from reads without an error, such as an index that does not cover its whole table.
 * Finds nothing in a backend without a `maintenance` port.
 */
export async function findDamagedRows(
  { maintenance }: StorageBackend,
  { signal, deadline }: CallOptions = {},
): Promise<readonly Damage[]> {
  return (await maintenance?.check({ scope: 'rows' }, { signal, deadline }))?.damages ?? [];
}

/**
 * Refuses a store of which a copy could silently lack rows.
 *
 * @throws StorageError `STORAGE_CORRUPT` that names the tables or indexes, and says what to do.
 */
export async function requireSoundRows(store: StorageBackend, options: CallOptions = {}): Promise<void> {
  const damages = await findDamagedRows(store, options);
  if (damages.length === 0) return;
  const canBeRepaired = damages.every(({ repair }) => repair !== null);
  const advice = canBeRepaired
    ? 'Keep a copy of the store, repair it with `switchyard check STORE --repair`, and try again.'
    : 'Restore a backup, or keep a copy of the store and try `switchyard check STORE --repair`. ' +
      '`switchyard copy STORE NEW --unchecked` copies what is still readable.';
  throw new StorageError(
    'STORAGE_CORRUPT',
    `The store is damaged, and rows of it may be hidden: ${describe(damages)} Nothing was written. ${advice}`,
    {
      backend: store.name,
      outcome: 'not-applied',
      details: { reason: 'damaged-rows', damages: damages.length, repairable: canBeRepaired },
    },
  );
}

/** Maximum number of damages named in a message. */
const NAMED_MAX = 4;

function describe(damages: readonly Damage[]): string {
  const named = damages.slice(0, NAMED_MAX).map(({ detail, examples: [example] }) => {
    return example === undefined ? detail : `${detail.replace(/\.$/, '')} (${example}).`;
  });
  const more = damages.length - named.length;
  return [...named, ...(more > 0 ? [`${more} more are damaged.`] : [])].join(' ');
}
