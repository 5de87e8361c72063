import { bytes, integer, text, textOf } from '@switchyard/sqlite-common';
import Database from 'libsql';
import { describe, expect, it } from 'vitest';
import { LibsqlDriver } from '../src/driver/libsql-driver.js';
import { countParameters, toBound } from '../src/driver/parameters.js';
import { tempFile, tempFolder } from './support/temp.js';

function memory(): LibsqlDriver {
  return new LibsqlDriver({
    location: ':memory:',
    connect: () => new Database(':memory:'),
    reconnects: false,
  });
}

function onFile(file: string, timeout = 0): LibsqlDriver {
  return new LibsqlDriver({ location: file, connect: () => new Database(file, { timeout }) });
}

describe('values', () => {
  it('round-trip with their types', () => {
    const driver = memory();
    const row = driver.first(
      `SELECT ?1 AS whole, ${textOf('typeof(?1)', 'a', 't.a')}, ?2 AS real, ${textOf('typeof(?2)', 'b', 't.b')},
        ${textOf('?3', 'text', 't.text')}, ?4 AS blob, ?5 AS absent, ?6 AS big`,
      [7, 1.5, 'ä', new Uint8Array([1, 2]), null, 9_007_199_254_740_993n],
    );
    expect(row).toEqual({
      whole: 7,
      a: 'integer',
      real: 1.5,
      b: 'real',
      text: 'ä',
      blob: new Uint8Array([1, 2]),
      absent: null,
      big: 9_007_199_254_740_993n,
    });
    driver.close();
  });

  it('are never rounded, and rows have no extra columns', () => {
    const driver = memory();
    expect(driver.all('SELECT 9007199254740991 AS safe, 9007199254740992 AS big')).toEqual([
      { safe: 9_007_199_254_740_991, big: 9_007_199_254_740_992n },
    ]);
    expect(Object.getOwnPropertyNames(driver.first('SELECT 1 AS only'))).toEqual(['only']);
    driver.close();
  });

  it('binds only the bytes of a vector that is a view', () => {
    const driver = memory();
    const vector = new Float32Array([1, 2, 3]).subarray(1, 2);
    const bytes = new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength);
    expect(driver.first(`SELECT ${textOf('hex(?1)', 'hex', 't.hex')}`, [bytes])).toEqual({ hex: '00000040' });
    driver.close();
  });

  it('keeps text after a NUL, which the binding alone does not return', () => {
    const driver = memory();
    driver.exec('CREATE TABLE t (a TEXT)');
    driver.run('INSERT INTO t VALUES (?1)', ['a\0b']);
    expect(driver.first(`SELECT ${text('t.a')} FROM t WHERE a = ?1`, ['a\0b'])).toEqual({ a: 'a\0b' });
    driver.close();
  });

  it.each([[true], [undefined], [{}], [Symbol('s')], [Number.NaN], [2n ** 63n]])(
    'refuses %s instead of handing it to the binding, which it would end the process or lose',
    (value) => {
      expect(() => toBound(value as never)).toThrow(TypeError);
    },
  );
});

describe('text', () => {
  /** A table with one row of bytes that are not UTF-8, as text, in every column. */
  function damaged(illFormedText?: 'refuse' | 'replace'): LibsqlDriver {
    const driver = new LibsqlDriver({
      location: ':memory:',
      connect: () => new Database(':memory:'),
      reconnects: false,
      illFormedText,
    });
    driver.exec(`
      CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, n INTEGER, v BLOB);
      INSERT INTO t VALUES (7, CAST(x'61eda0bd62' AS TEXT), CAST(x'ff' AS TEXT), CAST(x'e282' AS TEXT))`);
    return driver;
  }

  it('that is not UTF-8 fails with an error that names its row', () => {
    const driver = damaged();
    expect(() => driver.all(`SELECT id, ${text('t.a')} FROM t`)).toThrow(
      expect.objectContaining({ code: 'STORAGE_CORRUPT', details: { table: 't', column: 'a', row: 7 } }),
    );
    driver.close();
  });

  it('is made well-formed on request, by the rules of the WHATWG decoder', () => {
    const driver = damaged('replace');
    expect(driver.all(`SELECT id, ${text('t.a')} FROM t`)).toEqual([{ id: 7, a: 'a\ufffd\ufffd\ufffdb' }]);
    driver.close();
  });

  it('in a column of another type is not read as text', () => {
    const driver = damaged();
    expect(driver.all(`SELECT ${integer('t.n')}, ${bytes('t.v')} FROM t`)).toEqual([
      { n: 0, v: new Uint8Array([0xe2, 0x82]) },
    ]);
    driver.close();
  });

  it('is refused if a statement does not read it as bytes, even while it is well-formed', () => {
    const driver = memory();
    driver.exec("CREATE TABLE t (a TEXT); INSERT INTO t VALUES ('sound')");
    expect(() => driver.all('SELECT a FROM t')).toThrow(/column a is returned as text/);
    driver.close();
  });

  it('in an error of SQLite does no harm', () => {
    const driver = memory();
    expect(() => driver.all("SELECT json_extract('{}', CAST(x'ff41' AS TEXT)) AS a")).toThrow(/\ufffd/);
    driver.close();
  });
});

describe('ids', () => {
  it('beyond 2^53 are refused with the name of the column', () => {
    const driver = memory();
    driver.exec('CREATE TABLE t (id INTEGER PRIMARY KEY); INSERT INTO t VALUES (9007199254740993)');
    expect(() => driver.all('SELECT id FROM t')).toThrow(
      expect.objectContaining({
        code: 'STORAGE_CORRUPT',
        message: expect.stringContaining('9007199254740993'),
      }),
    );
    driver.close();
  });
});

describe('the number of values', () => {
  it('is checked', () => {
    const driver = memory();
    expect(() => driver.all('SELECT ?1 AS a, ?2 AS b', [1])).toThrow(/takes 2 values, not 1/);
    expect(() => driver.run('SELECT ?', [1, 2])).toThrow(/takes 1 values, not 2/);
    expect(() => driver.all('SELECT 1', [1])).toThrow(TypeError);
    driver.close();
  });

  it.each([
    ['SELECT ?, ?', 2],
    ['SELECT ?2, ?1, ?2', 2],
    ['SELECT \'?\', "?", `?`, [?], ? -- ?\n, ? /* ? */', 2],
    ["SELECT 'it''s ?', ?", 1],
    ['SELECT 1', 0],
  ])('of %s is %i', (sql, count) => {
    expect(countParameters(sql)).toBe(count);
  });

  it('does not include named parameters, which servers do not support', () => {
    expect(() => countParameters('SELECT :name')).toThrow(TypeError);
    expect(() => countParameters('SELECT @name')).toThrow(TypeError);
  });
});

describe('statements', () => {
  it('report their changes, even if they return rows', () => {
    const driver = memory();
    driver.exec('CREATE TABLE t (id INTEGER PRIMARY KEY, a)');
    expect(driver.run('INSERT INTO t (a) VALUES (?1), (?2)', [1, 2])).toEqual({
      changes: 2,
      lastInsertRowid: 2,
    });
    expect(driver.all('INSERT INTO t (a) VALUES (?1) RETURNING id', [3])).toEqual([{ id: 3 }]);
    expect(driver.first('SELECT count(*) AS n FROM t')).toEqual({ n: 3 });
    driver.close();
  });

  it('leave no read transaction open: a reader sees the next write of another connection', () => {
    const file = tempFile();
    const [one, two] = [onFile(file), onFile(file)];
    one.exec('CREATE TABLE t (a)');
    one.all('PRAGMA journal_mode = WAL');
    one.run('INSERT INTO t VALUES (1), (2)');
    expect(two.first('SELECT a FROM t ORDER BY a')).toEqual({ a: 1 });
    one.run('INSERT INTO t VALUES (0)');
    expect(two.first('SELECT a FROM t ORDER BY a')).toEqual({ a: 0 });
    one.close();
    two.close();
  });
});

describe('transactions', () => {
  it('roll back if the work throws, and the connection stays usable', () => {
    const driver = memory();
    driver.exec('CREATE TABLE t (a)');
    const fault = new RangeError('stop');
    const failing = (): void =>
      driver.transaction(() => {
        driver.run('INSERT INTO t VALUES (1)');
        throw fault;
      });
    expect(failing).toThrow(fault);
    expect(driver.all('SELECT * FROM t')).toEqual([]);
    driver.transaction(() => driver.run('INSERT INTO t VALUES (2)'));
    expect(driver.all('SELECT * FROM t')).toEqual([{ a: 2 }]);
    driver.close();
  });

  it('cannot be nested for writing, but for reading', () => {
    const driver = memory();
    expect(() => driver.transaction(() => driver.transaction(() => 1))).toThrow(TypeError);
    expect(driver.transaction(() => driver.readTransaction(() => 1))).toBe(1);
    expect(driver.readTransaction(() => driver.readTransaction(() => 2))).toBe(2);
    driver.close();
  });

  it('read one state of the store', () => {
    const file = tempFile();
    const [reader, writer] = [onFile(file), onFile(file)];
    writer.all('PRAGMA journal_mode = WAL');
    writer.exec('CREATE TABLE t (a)');
    reader.readTransaction(() => {
      expect(reader.all('SELECT * FROM t')).toEqual([]);
      writer.run('INSERT INTO t VALUES (1)');
      expect(reader.all('SELECT * FROM t')).toEqual([]);
    });
    expect(reader.all('SELECT * FROM t')).toEqual([{ a: 1 }]);
    reader.close();
    writer.close();
  });

  it.each([
    ['in write-ahead mode', 'WAL'],
    ['with a rollback journal', 'DELETE'],
  ])('work again on a connection that found the database locked, %s', (_, mode) => {
    const file = tempFile();
    const [holder, waiting] = [onFile(file), onFile(file)];
    holder.all(`PRAGMA journal_mode = ${mode}`);
    holder.exec('CREATE TABLE t (a)');
    expect(waiting.all('SELECT * FROM t')).toEqual([]);
    holder.transaction(() => {
      holder.run('INSERT INTO t VALUES (1)');
      expect(() => waiting.transaction(() => 1)).toThrow(
        expect.objectContaining({ code: 'STORAGE_BUSY', retryable: true }),
      );
      expect(() => waiting.run('INSERT INTO t VALUES (9)')).toThrow(
        expect.objectContaining({ code: 'STORAGE_BUSY' }),
      );
    });
    for (let i = 2; i < 5; i++) waiting.transaction(() => waiting.run('INSERT INTO t VALUES (?1)', [i]));
    holder.transaction(() => holder.run('INSERT INTO t VALUES (5)'));
    expect(holder.all('SELECT a FROM t ORDER BY a').map(({ a }) => a)).toEqual([1, 2, 3, 4, 5]);
    holder.close();
    waiting.close();
  });
});

describe('errors', () => {
  it('are StorageErrors with the code of SQLite', () => {
    const driver = memory();
    driver.exec('CREATE TABLE t (a UNIQUE NOT NULL)');
    driver.run('INSERT INTO t VALUES (1)');
    for (const value of [1, null]) {
      expect(() => driver.run('INSERT INTO t VALUES (?1)', [value])).toThrow(
        expect.objectContaining({ name: 'StorageError', code: 'STORAGE_CONSTRAINT', backend: 'libsql' }),
      );
    }
    expect(() => driver.all('SELEC')).toThrow(expect.objectContaining({ code: 'STORAGE_INTERNAL' }));
    driver.close();
  });

  it('of opening have a code, which the binding only puts into the message', () => {
    expect(() => onFile(tempFolder())).toThrow(
      expect.objectContaining({ code: 'STORAGE_PERMISSION_DENIED' }),
    );
  });

  it('of a closed driver are programming mistakes', () => {
    const driver = memory();
    driver.close();
    driver.close();
    expect(() => driver.all('SELECT 1')).toThrow(TypeError);
  });
});
