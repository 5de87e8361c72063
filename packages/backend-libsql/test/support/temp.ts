import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from 'vitest';

const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** A folder of its own, which is removed after the test. */
export function tempFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'switchyard-libsql-'));
  folders.push(folder);
  return folder;
}

/** A path at which nothing is yet. */
export function tempFile(name = 'store.db'): string {
  return join(tempFolder(), name);
}
