import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Connection } from '@switchyard/storage-core';
import { CliError } from '../cli-error.js';

/**
 * A store copied onto itself would be written while it is read.
 *
 * @throws CliError `CLI_USAGE` when both name one store, also by different paths of one file.
 */
export function refuseSameStore(from: Connection, to: Connection, names: string): void {
  const [a, b] = [from, to].map(({ location }) => identity(location));
  if (a === b) throw new CliError('CLI_USAGE', `${names} are the same store.`, 'Give two different stores.');
}

function identity(location: Connection['location']): string {
  if (location.type !== 'file') return JSON.stringify(location);
  const path = resolve(location.path);
  const there = statSync(path, { bigint: true, throwIfNoEntry: false });
  return there === undefined ? path : `${there.dev}:${there.ino}`;
}
