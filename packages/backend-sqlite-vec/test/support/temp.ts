import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { SqliteVecBackend, type SqliteVecOptions } from '@switchyard/backend-sqlite-vec';
import { afterEach } from 'vitest';

const folders: string[] = [];
const opened: SqliteVecBackend[] = [];

afterEach(async () => {
  for (const backend of opened.splice(0)) await backend.close();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** A path in a folder of its own at which nothing is yet. Removed after the test. */
export function tempFile(name = 'documents.db'): string {
  const folder = mkdtempSync(join(tmpdir(), 'switchyard-sqlite-vec-'));
  folders.push(folder);
  return join(folder, name);
}

/** A backend that is not open. Closed after the test. */
export function backendOn(path: string | null, options: Partial<SqliteVecOptions> = {}): SqliteVecBackend {
  const backend = new SqliteVecBackend({ path, ...options });
  opened.push(backend);
  return backend;
}

/** An open backend. Closed after the test. */
export async function openOn(
  path: string | null,
  options: Partial<SqliteVecOptions> = {},
): Promise<SqliteVecBackend> {
  const backend = backendOn(path, options);
  await backend.open();
  return backend;
}

/** Every file in the folder of a path, by name, with a digest of its bytes. */
export function folderOf(path: string): Record<string, string> {
  const folder = dirname(path);
  return Object.fromEntries(
    readdirSync(folder).map((name) => [
      name,
      createHash('sha256')
        .update(readFileSync(join(folder, name)))
        .digest('hex'),
    ]),
  );
}
