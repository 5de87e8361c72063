import { closeSync, constants, existsSync, fchmodSync, lstatSync, openSync, rmSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Connection } from '@switchyard/storage-core';
import { CliError } from '../cli-error.js';

/** The owner's part of the permissions, which a store always has. */
const OWNER = 0o600;

/**
 * Makes the file of a new store empty, as private as the store that is copied into it: SQLite would make it readable for
 * everybody, and gives its log the permissions of the file. What comes from a server, where a token protects it, is for
 * this user alone.
 *
 * @returns Removes the file again if it is still empty; for a target that is there or is no file, does nothing.
 * @throws CliError `CLI_FILE` for a link that leads nowhere: the store would be made wherever it points.
 */
export function preparePrivateTarget(from: Connection, to: Connection): () => void {
  const nothing = () => undefined;
  if (to.location.type !== 'file') return nothing;
  const path = resolve(to.location.path);
  if (existsSync(path)) return nothing;
  if (lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true)
    throw new CliError(
      'CLI_FILE',
      `${path} is a symbolic link that leads nowhere.`,
      'Remove it, or give the path of a file.',
    );
  const { O_CREAT, O_EXCL, O_WRONLY, O_NOFOLLOW = 0 } = constants;
  let file: number;
  try {
    file = openSync(path, O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW, OWNER);
  } catch {
    return nothing; // opening the store tells what is wrong with the path
  }
  fchmodSync(file, modeOf(from) | OWNER);
  closeSync(file);
  return () => {
    if (statSync(path, { throwIfNoEntry: false })?.size === 0) rmSync(path, { force: true });
  };
}

function modeOf({ location }: Connection): number {
  if (location.type !== 'file') return OWNER;
  return (statSync(location.path, { throwIfNoEntry: false })?.mode ?? OWNER) & 0o666;
}
