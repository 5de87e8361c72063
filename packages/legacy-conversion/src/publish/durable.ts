import { closeSync, fsyncSync, openSync } from 'node:fs';
import { platform } from 'node:os';

/** Makes sure that a file has reached the disk. No connection of this process may be open on it. */
export function flushFile(path: string): void {
  flush(path, 'r+');
}

/** Makes sure that the names in a folder have reached the disk. Windows cannot and need not. */
export function flushFolder(path: string): void {
  if (platform() !== 'win32') flush(path, 'r');
}

function flush(path: string, flags: 'r' | 'r+'): void {
  const file = openSync(path, flags);
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
