import { closeSync, openSync, readSync } from 'node:fs';
import { identifyStore, LIBSQL_MARKER_TABLE } from '../store-file/store-kind.js';
import type { FileFacts } from './messages.js';
import { type Peeked, type PeekedDatabase, peekDatabase } from './peek/peek.js';

/** Length of the header that SQLite writes before anything else of the first page. */
const HEADER_BYTES = 100;

/** Table in which legacy stores record their schema steps. */
const LEGACY_STEPS = '_schema_migrations';

/**
 * Reads from the bytes of a file what it contains. SQLite is not involved: opening a file with SQLite already changes
 * it (a WAL left by a killed process is checkpointed, `-wal` and `-shm` appear), and a refused file must stay
 * unchanged.
 *
 * Only for the detection process: see `Detector`.
 *
 * @throws Error of the file system.
 */
export function readFacts(path: string): FileFacts {
  const hotJournal = hasHotJournal(path);
  const peeked = peek(path);
  if (peeked === null) return { type: 'database', kind: 'unknown', level: null, utf16: null, hotJournal };
  switch (peeked.kind) {
    case 'absent':
    case 'empty':
      return { type: peeked.kind };
    case 'other':
      // A power failure while a database is created may leave its first page unwritten. SQLite rolls it back.
      return hotJournal && beginsWithZeros(path)
        ? { type: 'database', kind: 'unknown', level: null, utf16: null, hotJournal }
        : { type: 'not-a-database' };
    case 'database': {
      const { utf16 } = peeked;
      const kind = identifyStore(peeked.tables.keys());
      const isStore = kind === 'legacy' || kind === 'switchyard-libsql';
      // A transaction that will be rolled back may have created or dropped tables.
      if (hotJournal)
        return { type: 'database', kind: isStore ? kind : 'unknown', level: null, utf16, hotJournal };
      return { type: 'database', kind, level: readLevel(kind, peeked), utf16, hotJournal };
    }
  }
}

/** Returns null if the bytes contradict each other. */
function peek(path: string): Peeked | null {
  try {
    return peekDatabase(path, [LIBSQL_MARKER_TABLE, LEGACY_STEPS]);
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

function readLevel(kind: string, { rows }: PeekedDatabase): number | null {
  if (kind === 'switchyard-libsql') {
    const level = rows.get(LIBSQL_MARKER_TABLE)?.find(([key]) => key === 'schema_level')?.[1];
    return level === undefined ? null : Number(level);
  }
  const steps = rows.get(LEGACY_STEPS) ?? [];
  if (kind !== 'legacy' || steps.length === 0) return null;
  const levels = steps.map(([id]) =>
    typeof id === 'string' ? /^(\d{3,})-.+\.sql$/.exec(id)?.[1] : undefined,
  );
  return Math.max(...levels.map((digits) => Number(digits ?? 0)));
}

/**
 * Returns true if SQLite would roll back the file when it opens it. Until a journal is complete on disk it begins with
 * zeros, and nothing of the transaction is in the file yet: SQLite ignores such a journal. See "Hot Rollback Journals"
 * in SQLite's documentation of locking.
 */
function hasHotJournal(path: string): boolean {
  const [first] = readBeginning(`${path}-journal`, 1) ?? [];
  return first !== undefined && first !== 0;
}

/** True if the file has no database header yet. */
function beginsWithZeros(path: string): boolean {
  return readBeginning(path, HEADER_BYTES)?.every((byte) => byte === 0) ?? false;
}

/** Returns up to `length` bytes from the start of a file; null if it does not exist. */
function readBeginning(path: string, length: number): Uint8Array | null {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (error) {
    // A journal may also disappear at this moment, when its transaction ends.
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw error;
  }
  try {
    const bytes = Buffer.alloc(length);
    return bytes.subarray(0, readSync(file, bytes, 0, length, 0));
  } finally {
    closeSync(file);
  }
}
