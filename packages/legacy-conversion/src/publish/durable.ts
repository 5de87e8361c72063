import { closeSync, fsyncSync, openSync } from 'node:fs';
import { platform } from 'node:os';

/** Flushes a file to disk. No connection of this process may have it open. */
export function flushFile(path: string): void {
  flush(path, 'r+');
}

/** Flushes the names in a folder to disk. Windows does not support it, and does not need it. */
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
