import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'libsql';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { peekDatabase } from '../src/detection/peek/peek.js';
import { logReaches } from '../src/detection/peek/wal.js';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'switchyard-peek-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function contents(): Record<string, string> {
  return Object.fromEntries(
    readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'hex')]),
  );
}

function database(name: string, pragma: string): { path: string; db: Database.Database } {
  const path = join(folder, name);
  const db = new Database(path);
  db.exec(pragma);
  return { path, db };
}

test('recognizes files that are not databases', () => {
  writeFileSync(join(folder, 'nothing'), '');
  writeFileSync(join(folder, 'text'), 'SQLite format, not quite');
  writeFileSync(join(folder, 'short'), 'SQLite format 3\0');
  expect(peekDatabase(join(folder, 'absent'), [])).toEqual({ kind: 'absent' });
  expect(peekDatabase(join(folder, 'nothing'), [])).toEqual({ kind: 'empty' });
  expect(peekDatabase(join(folder, 'text'), [])).toEqual({ kind: 'other' });
  expect(peekDatabase(join(folder, 'short'), [])).toEqual({ kind: 'other' });
  expect(peekDatabase(folder, [])).toEqual({ kind: 'other' });
});

test.each([
  ['small pages', 'PRAGMA page_size = 512'],
  ['the largest pages', 'PRAGMA page_size = 65536'],
  ['UTF-16', "PRAGMA encoding = 'UTF-16le'"],
])('reads a schema of many pages, overflow and every type of value, with %s', (_, pragma) => {
  const { path, db } = database('store.db', pragma);
  for (let i = 0; i < 200; i++) db.exec(`CREATE TABLE "table ü ${i}" (a, b /* ${'x'.repeat(i * 20)} */)`);
  const values = [
    null,
    0,
    1,
    -1,
    127,
    -129,
    40_000,
    -9_000_000,
    2 ** 31,
    2 ** 45,
    2 ** 52 + 1,
    0.5,
    'wörter',
    'y'.repeat(5000),
  ];
  const insert = db.prepare('INSERT INTO "table ü 7" VALUES (?, ?)');
  // The driver stores every JavaScript number as REAL.
  const bound = values.map((value) => (Number.isInteger(value) ? BigInt(value as number) : value));
  for (const value of bound) insert.run(value, Buffer.from([1, 2, 3]));
  db.prepare('INSERT INTO "table ü 7" VALUES (?, ?)').run(BigInt(2 ** 52 + 1), null);
  db.close();
  const before = contents();

  const peeked = peekDatabase(path, ['table ü 7', 'not there']);
  if (peeked.kind !== 'database') throw new Error(`it is ${peeked.kind}`);
  expect(peeked.tables.size).toBe(200);
  expect(peeked.tables.get('table ü 199')).toContain('x'.repeat(199 * 20));
  expect(peeked.rows.get('table ü 7')?.map(([a]) => a)).toEqual([...values, 2 ** 52 + 1]);
  expect(peeked.rows.get('table ü 7')?.[0]?.[1]).toEqual(Buffer.from([1, 2, 3]));
  expect(peeked.rows.has('not there')).toBe(false);
  expect(contents()).toEqual(before);
});

test('sees only committed frames of the WAL while the database is in use', () => {
  const { path, db } = database('store.db', 'PRAGMA journal_mode = WAL');
  db.exec('PRAGMA wal_autocheckpoint = 0; PRAGMA cache_size = 5; CREATE TABLE a (x)');
  db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  db.exec("CREATE TABLE b (x); INSERT INTO a VALUES ('committed')");
  db.exec('BEGIN; CREATE TABLE c (x)');
  // So large that it spills into the log before it is committed.
  const insert = db.prepare('INSERT INTO c VALUES (zeroblob(4000))');
  for (let i = 0; i < 500; i++) insert.run();
  const before = contents();

  const peeked = peekDatabase(path, ['a']);
  if (peeked.kind !== 'database') throw new Error(`it is ${peeked.kind}`);
  expect([...peeked.tables.keys()]).toEqual(['a', 'b']);
  expect(peeked.rows.get('a')).toEqual([['committed']]);
  expect(contents()).toEqual(before);

  db.exec('ROLLBACK; PRAGMA wal_checkpoint(RESTART); CREATE TABLE d (x)');
  const later = peekDatabase(path, []);
  // Frames left over from before the WAL was restarted are not treated as new.
  expect(later.kind === 'database' && [...later.tables.keys()]).toEqual(['a', 'b', 'd']);
  db.close();
});

test('rejects a damaged database with an error, whatever is damaged', () => {
  const { path, db } = database('store.db', 'PRAGMA page_size = 512');
  for (let i = 0; i < 40; i++) db.exec(`CREATE TABLE t${i} (a, b)`);
  db.close();
  const whole = readFileSync(path);
  let refused = 0;
  for (let at = 100; at < whole.length; at += 7) {
    const damaged = Buffer.from(whole);
    damaged[at] = (damaged[at] ?? 0) ^ 0xff;
    writeFileSync(path, damaged);
    try {
      peekDatabase(path, ['t3']);
    } catch (error) {
      expect(error).toBeInstanceOf(RangeError);
      refused++;
    }
  }
  expect(refused).toBeGreaterThan(0);
  writeFileSync(path, whole.subarray(0, 1024));
  expect(() => peekDatabase(path, [])).toThrow(RangeError);
});

test.each([512, 4096, 65536])('detects the length of a WAL with pages of %i bytes', (pageSize) => {
  const { path, db } = database('log', `PRAGMA page_size = ${pageSize}; PRAGMA journal_mode = WAL`);
  const log = `${path}-wal`;
  db.exec('PRAGMA wal_autocheckpoint = 0; CREATE TABLE a (x)');
  for (let i = 0; i < 20; i++) db.exec(`INSERT INTO a VALUES (zeroblob(${pageSize}))`);
  const length = () => (db.pragma('wal_checkpoint(PASSIVE)') as { log: number }[])[0]?.log ?? 0;
  const long = length();
  expect(long).toBeGreaterThan(40);
  expect([logReaches(log, 1), logReaches(log, long), logReaches(log, long + 1)]).toEqual([true, true, false]);

  // Restarted, with the old frames after the new ones.
  db.exec('INSERT INTO a VALUES (1)');
  const short = length();
  expect(short).toBeLessThan(long);
  expect([logReaches(log, short), logReaches(log, short + 1), logReaches(log, long)]).toEqual([
    true,
    false,
    false,
  ]);
  db.close();
  rmSync(log, { force: true }); // the driver may keep it
  expect(logReaches(log, 1)).toBe(false);
  expect(logReaches(folder, 1)).toBe(false);
});
