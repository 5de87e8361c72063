import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { Kind } from '../types.js';

/** Location of the application's stores, if they exist next to the repository. */
const fixtures = resolve(import.meta.dirname, '../../../../../shared/fixtures/legacy');

/** Names of the application's stores; none if they are missing. */
export function fixtureNames(): readonly string[] {
  if (!existsSync(fixtures)) return [];
  const packed = readdirSync(fixtures).filter((name) => /\.(db|tar)\.gz$/.test(name));
  return packed.sort().map((name) => name.replace(/\.(db|tar)\.gz$/, ''));
}

/** Unpacks a store of the application, with its WAL if there is one. */
export function unpackFixture(name: string, folder: string, file: string): Kind {
  const packed = join(fixtures, `${name}.db.gz`);
  if (existsSync(packed)) {
    writeFileSync(file, gunzipSync(readFileSync(packed)));
    return 'legacy';
  }
  execFileSync('tar', ['-xzf', join(fixtures, `${name}.tar.gz`), '-C', folder]);
  const inside = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  for (const path of inside) {
    const suffix = /documents\.db(-wal)?$/.exec(path);
    if (suffix !== null) renameSync(join(folder, path), file + (suffix[1] ?? ''));
  }
  return 'legacy';
}

/** The application switches its stores to WAL; the mode is stored in the file. */
export function enableWal(path: string): void {
  const program = `const Database = require('better-sqlite3'); const db = new Database(process.argv[1]); db.pragma('journal_mode = WAL'); db.close();`;
  execFileSync(process.execPath, ['-e', program, path], { cwd: import.meta.dirname });
}
