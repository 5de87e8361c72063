import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Connection } from '@switchyard/storage-core';
import { CliError } from '../cli-error.js';

/**
 * Refuses to copy a store onto itself, which would write it while it is read.
 *
 * @throws CliError `CLI_USAGE` if both name one store, even by different paths of one file.
 */
export function refuseSameStore(from: Connection, to: Connection, names: string): void {
  const [a, b] = [from, to].map(({ location }) => identity(location));
  if (a === b) throw new CliError('CLI_USAGE', `${names} are the same store.`, 'Pass two different stores.');
}

function identity(location: Connection['location']): string {
  if (location.type !== 'file') return JSON.stringify(location);
  const path = resolve(location.path);
  const there = statSync(path, { bigint: true, throwIfNoEntry: false });
  return there === undefined ? path : `${there.dev}:${there.ino}`;
}
