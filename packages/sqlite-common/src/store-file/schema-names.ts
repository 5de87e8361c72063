import { peekDatabase } from '../peek/peek.js';

/**
 * The names of the tables in a database file, read from its bytes without SQLite: opening a file with SQLite already
 * changes it (a log left by a killed process is written back, `-wal` and `-shm` appear), and a file that is going to be
 * refused must stay as it is.
 *
 * @returns undefined when the bytes make no sense, as while another process is writing them.
 */
export function readTableNames(path: string): string[] | undefined {
  try {
    const peeked = peekDatabase(path, []);
    return peeked.kind === 'database' ? [...peeked.tables.keys()] : undefined;
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
