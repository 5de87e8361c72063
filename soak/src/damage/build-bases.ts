import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { StorageBackend } from '@switchyard/storage-core';
import { createBackend } from '../content/open-store.js';
import { makePage, replaceWith, SOAK_MODEL } from '../content/pages.js';
import type { Base } from './types.js';

/** A store that the harness makes. */
interface Recipe {
  readonly name: string;
  readonly kind: Base['kind'];
  readonly dimension: number;
  readonly pages: number;
  /** Whether the last half is left in the log, as after a kill. */
  readonly hasLog: boolean;
  /** How often it is chosen, beside 1 for a fixture. */
  readonly weight: number;
}

const recipes: readonly Recipe[] = [
  { name: 'libsql-small', kind: 'libsql', dimension: 16, pages: 24, hasLog: false, weight: 12 },
  { name: 'libsql-log', kind: 'libsql', dimension: 16, pages: 24, hasLog: true, weight: 10 },
  { name: 'libsql-wide', kind: 'libsql', dimension: 768, pages: 16, hasLog: false, weight: 4 },
  { name: 'legacy-small', kind: 'legacy', dimension: 16, pages: 24, hasLog: false, weight: 10 },
  { name: 'legacy-log', kind: 'legacy', dimension: 16, pages: 24, hasLog: true, weight: 8 },
];

/** Where stores of the application lie, when they are beside the repository. */
const fixtures = resolve(import.meta.dirname, '../../../../shared/fixtures/legacy');

/** Names and weights of all bases there can be. Every run with fixtures, or without, chooses alike. */
export function baseNames(withFixtures: boolean): { readonly name: string; readonly weight: number }[] {
  const own = recipes.map(({ name, weight }) => ({ name, weight }));
  if (!withFixtures || !existsSync(fixtures)) return own;
  const found = readdirSync(fixtures).filter((name) => /\.(db|tar)\.gz$/.test(name));
  return [...own, ...found.sort().map((name) => ({ name: name.replace(/\.(db|tar)\.gz$/, ''), weight: 1 }))];
}

/** Makes or unpacks a base in a folder. Called in a process of its own, which leaves nothing open. */
export async function buildBase(name: string, folder: string): Promise<Base> {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'base.db');
  const recipe = recipes.find((candidate) => candidate.name === name);
  if (recipe === undefined) return unpackFixture(name, folder, file);
  const { kind, hasLog } = recipe;
  await write(recipe, join(folder, 'written.db'), file);
  return { name, kind, file, sound: soundCopy(file), hasLog };
}

function soundCopy(file: string): string {
  const sound = join(dirname(file), 'sound.db');
  copyBy(file, sound);
  return sound;
}

function unpackFixture(name: string, folder: string, file: string): Base {
  const packed = join(fixtures, `${name}.db.gz`);
  if (existsSync(packed)) {
    writeFileSync(file, gunzipSync(readFileSync(packed)));
    return { name, kind: 'legacy', file, sound: soundCopy(file), hasLog: false };
  }
  execFileSync('tar', ['-xzf', join(fixtures, `${name}.tar.gz`), '-C', folder]);
  const inside = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  for (const path of inside) {
    const suffix = /documents\.db(-wal)?$/.exec(path);
    if (suffix !== null) renameSync(join(folder, path), file + (suffix[1] ?? ''));
  }
  return { name, kind: 'legacy', file, sound: soundCopy(file), hasLog: existsSync(`${file}-wal`) };
}

async function write(recipe: Recipe, path: string, file: string): Promise<void> {
  const { kind, dimension, pages, hasLog } = recipe;
  const connection = kind === 'legacy' ? `sqlite-vec:${path}` : path;
  const open = async (): Promise<StorageBackend> => {
    const backend = createBackend(connection);
    await backend.open();
    return backend;
  };
  let backend = await open();
  await backend.vectors.reconcile({ model: SOAK_MODEL, dimension, metric: 'l2' }, 'refuse');
  for (let i = 0; i < pages; i++) {
    if (i === Math.floor(pages / 2)) {
      // Everything so far goes into the file itself.
      await backend.close();
      if (kind === 'legacy' && hasLog) useLog(path);
      backend = await open();
    }
    const version = { library: i % 5 === 0 ? 'second' : 'first', version: i % 3 === 0 ? '' : '1.0.0' };
    const url = `https://example.org/docs/page-${i % (pages - 4)}`;
    await backend.apply([replaceWith(version, makePage(`base ${i}`, url, dimension))]);
  }
  if (hasLog) copyBy(path, file);
  await backend.close();
  if (!hasLog) copyBy(path, file);
}

/** The application switches its stores to a write-ahead log; the mode stays with the file. */
function useLog(path: string): void {
  const program = `const Database = require('better-sqlite3'); const db = new Database(process.argv[1]); db.pragma('journal_mode = WAL'); db.close();`;
  execFileSync(process.execPath, ['-e', program, path], { cwd: import.meta.dirname });
}

/** Copies a database and its log in another process: closing a descriptor here would drop SQLite's locks. */
function copyBy(path: string, file: string): void {
  for (const suffix of ['', '-wal']) {
    if (existsSync(path + suffix)) execFileSync('cp', [path + suffix, file + suffix]);
  }
}
