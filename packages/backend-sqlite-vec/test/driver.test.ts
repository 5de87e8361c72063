import { StorageError } from '@switchyard/storage-core';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { BetterSqlite3Driver } from '../src/driver/better-sqlite3-driver.js';

let driver: BetterSqlite3Driver;
beforeEach(() => {
  driver = new BetterSqlite3Driver(
    new Database(':memory:'),
    (cause) => new StorageError('STORAGE_INTERNAL', 'mapped', { cause }),
  );
  driver.exec('CREATE TABLE t (id INTEGER PRIMARY KEY, x)');
});
afterEach(() => driver.close());

test('whole numbers are bound as INTEGER, others as REAL', () => {
  const sql = 'SELECT typeof(?) AS a, typeof(?) AS b, typeof(?) AS c, typeof(?) AS d, typeof(?) AS e';
  expect(driver.first(sql, [1, 1.5, 2 ** 53, null, new Uint8Array(1)])).toEqual({
    a: 'integer',
    b: 'real',
    c: 'real',
    d: 'null',
    e: 'blob',
  });
});

test('integers beyond 2^53 − 1 keep every digit, as bigints', () => {
  const large = 2n ** 62n + 1n;
  driver.run('INSERT INTO t (x) VALUES (?), (?)', [large, Number.MAX_SAFE_INTEGER]);
  expect(driver.all('SELECT x FROM t ORDER BY id')).toEqual([{ x: large }, { x: Number.MAX_SAFE_INTEGER }]);
});

test.each(['SELECT ? AS a, ? AS b', 'SELECT ?1 AS a, ?2 AS b, ?1 AS c'])(
  'the number of parameters is checked: %s',
  (sql) => {
    expect(driver.first(sql, [1, 2])).toMatchObject({ a: 1, b: 2 });
    expect(() => driver.all(sql, [1])).toThrow(TypeError);
    expect(() => driver.all(sql, [1, 2, 3])).toThrow(TypeError);
  },
);

test('first() runs a statement to completion', () => {
  expect(driver.first('INSERT INTO t (x) VALUES (?), (?), (?) RETURNING x', [1, 2, 3])).toEqual({ x: 1 });
  expect(driver.all('SELECT x FROM t')).toHaveLength(3);
});

test('a transaction that throws is rolled back; a nested one is part of the outer one', () => {
  const insert = () => driver.run('INSERT INTO t (x) VALUES (?)', [1]);
  const work = () => {
    insert();
    driver.transaction(insert);
    throw new Error('changed my mind');
  };
  expect(() => driver.transaction(work)).toThrow('changed my mind');
  expect(driver.all('SELECT * FROM t')).toEqual([]);
  expect(driver.transaction(insert)).toEqual({ changes: 1, lastInsertRowid: 1 });
  expect(driver.readTransaction(() => driver.all('SELECT * FROM t'))).toHaveLength(1);
});

test('errors of the driver are mapped, including those of preparing', () => {
  expect(() => driver.all('SELECT nonsense FROM nowhere')).toThrow(StorageError);
  expect(() => driver.run("INSERT INTO t (id) VALUES ('a')")).toThrow(StorageError);
});

test('statements survive schema changes, and more of them than the cache holds', () => {
  driver.run('INSERT INTO t (x) VALUES (?)', [1]);
  expect(driver.all('SELECT * FROM t')).toEqual([{ id: 1, x: 1 }]);
  driver.exec('ALTER TABLE t ADD COLUMN y DEFAULT 2');
  expect(driver.all('SELECT * FROM t')).toEqual([{ id: 1, x: 1, y: 2 }]);
  for (let i = 0; i < 500; i++) expect(driver.first(`SELECT ${i} AS i`)).toEqual({ i });
});
