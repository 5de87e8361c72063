import { closeSync, constants, existsSync, fchmodSync, lstatSync, openSync, rmSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Connection } from '@switchyard/storage-core';
import { CliError } from '../cli-error.js';
import type { CommandContext } from '../command-context.js';

/** Owner permissions, which every store has. */
const OWNER = 0o600;

/**
 * Creates an empty file for a new store with the permissions of the source: SQLite would make it world-readable, and
 * gives its WAL the permissions of the file. A backend of another package creates its store itself. A copy from a server, where a token protects the data, is readable by this
 * user only.
 *
 * @returns A function that removes the file if it is still empty; it does nothing if the target existed or is not a
 * file.
 * @throws CliError `CLI_FILE` for a dangling symbolic link: the store would be created wherever it points.
 */
export function preparePrivateTarget(
  { builtIns }: CommandContext,
  from: Connection,
  to: Connection,
): () => void {
  const nothing = () => undefined;
  // The path of another package's store may be a folder.
  if (to.location.type !== 'file' || !builtIns.some(({ backend }) => backend.name === to.backend))
    return nothing;
  const path = resolve(to.location.path);
  if (existsSync(path)) return nothing;
  if (lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true)
    throw new CliError(
      'CLI_FILE',
      `${path} is a dangling symbolic link.`,
      'Remove it, or pass the path of a file.',
    );
  const { O_CREAT, O_EXCL, O_WRONLY, O_NOFOLLOW = 0 } = constants;
  let file: number;
  try {
    file = openSync(path, O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW, OWNER);
  } catch {
    return nothing; // opening the store reports what is wrong with the path
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
