import { type SqldServer, startProxy, startSqld } from '@switchyard/sqld';
import { text } from '@switchyard/sqlite-common';
import type { StorageBackend } from '@switchyard/storage-core';
import Database from 'libsql';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { RemoteDriver } from '../src/driver/remote-driver.js';
import { connect } from './support/connect.js';
import { describeWithSqld, query } from './support/sqld.js';
import { chunk, fastify, page } from './support/store.js';

const NAMES = `SELECT ${text('libraries.name')} FROM libraries`;

describeWithSqld('what a real server answers', () => {
  let server: SqldServer;
  let store: StorageBackend;
  const drivers: RemoteDriver[] = [];

  beforeAll(async () => {
    server = await startSqld();
    store = connect(`${server.url}?isolation=inline`);
    await store.open();
  });
  afterAll(async () => {
    for (const driver of drivers) driver.close();
    await store.close();
    await server.stop();
  });

  /** The driver of the adapter, on a connection of its own. */
  function driver(url = server.url): RemoteDriver {
    const made = new RemoteDriver({
      location: url,
      reads: 'server',
      redact: (text) => text,
      connect: () => new Database(url),
    });
    drivers.push(made);
    return made;
  }

  it('a constraint violation is STORAGE_CONSTRAINT, and nothing is written', async () => {
    const [{ chunkIds }] = await store.apply([page('/taken', [chunk('zebra')])]);
    const wrong = page('/other', [chunk('okapi', { id: chunkIds[0] })]);
    await expect(store.apply([page('/new', [chunk('quagga')]), wrong])).rejects.toMatchObject({
      code: 'STORAGE_CONSTRAINT',
      outcome: 'not-applied',
    });
    expect(await store.catalog.chunksByUrl(fastify, '/new')).toEqual([]);
    const sql = "INSERT INTO libraries (id, name) SELECT id, name || 'x' FROM libraries";
    expect(() => driver().run(sql)).toThrow(expect.objectContaining({ code: 'STORAGE_CONSTRAINT' }));
  });

  it('conflicting writers get STORAGE_BUSY', () => {
    const [reader, writer] = [driver(), driver()];
    expect(() =>
      reader.readTransaction(() => {
        reader.all('SELECT count(*) AS n FROM libraries');
        writer.run("INSERT INTO libraries (name) VALUES ('writer')");
        reader.run("INSERT INTO libraries (name) VALUES ('reader')");
      }),
    ).toThrow(expect.objectContaining({ code: 'STORAGE_BUSY', retryable: true }));
    const names = reader.all<{ name: string }>(NAMES).map(({ name }) => name);
    expect(names).toContain('writer');
    expect(names).not.toContain('reader');
  });

  it('a value too large for the server is STORAGE_TOO_LARGE', async () => {
    const large = page('/large', [chunk('zebra '.repeat(3_000_000))]);
    await expect(store.apply([large])).rejects.toMatchObject({
      code: 'STORAGE_TOO_LARGE',
      outcome: 'not-applied',
    });
    expect(await store.catalog.chunksByUrl(fastify, '/large')).toEqual([]);
  });

  it('a transaction that takes too long is STORAGE_TIMEOUT, and nothing is written', () => {
    const [slow, other] = [driver(), driver()];
    expect(() =>
      slow.transaction(() => {
        slow.run("INSERT INTO libraries (name) VALUES ('slow')");
        // The server gives up the transaction when somebody else wants to write.
        other.transaction(() => other.run("INSERT INTO libraries (name) VALUES ('other')"));
      }),
    ).toThrow(expect.objectContaining({ code: 'STORAGE_TIMEOUT' }));
    const names = slow.all<{ name: string }>(NAMES).map(({ name }) => name);
    expect(names).toContain('other');
    expect(names).not.toContain('slow');
  });

  it('a connection that was idle for too long is reopened, outside of a transaction', async () => {
    const idle = driver();
    const count = () => idle.first<{ n: number }>('SELECT count(*) AS n FROM versions')?.n;
    const before = count();
    const unfinished = driver();
    const inTransaction = new Promise<unknown>((resolve) => {
      setTimeout(() => resolve(count()), 12_000);
    });
    expect(await inTransaction).toBe(before);
    expect(unfinished.first<{ n: number }>('SELECT 1 AS n')?.n).toBe(1);
  });

  it('a transaction that was idle for too long is restarted', () => {
    const slow = driver();
    let begun = 0;
    slow.transaction(() => {
      begun += 1;
      slow.run("INSERT INTO libraries (name) VALUES ('before the pause')");
      // A thread that sleeps sends nothing: the server forgets the connection, and with it what was written.
      if (begun === 1) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 12_000);
      slow.run("INSERT INTO libraries (name) VALUES ('after the pause')");
    });
    expect(begun).toBe(2);
    const names = slow.all<{ name: string }>(`${NAMES} WHERE name LIKE '% the pause' ORDER BY id`);
    expect(names.map(({ name }) => name)).toEqual(['before the pause', 'after the pause']);
  });

  it('statements that a server does not accept are STORAGE_NOT_SUPPORTED', () => {
    for (const sql of ['CREATE TEMP TABLE t (a)', 'PRAGMA journal_mode = DELETE', "ATTACH 'x' AS y"]) {
      expect(() => driver().run(sql), sql).toThrow(
        expect.objectContaining({ code: 'STORAGE_NOT_SUPPORTED' }),
      );
    }
  });

  it('numbers beyond 2^53, blobs and texts with a NUL round-trip', () => {
    const own = driver();
    own.exec('CREATE TABLE bound (a, b, c, d)');
    const values = [2n ** 60n + 1n, new Uint8Array([0, 1, 255]), 0.1, 7] as const;
    own.run('INSERT INTO bound VALUES (?1, ?2, ?3, ?4)', values);
    const [row] = own.all<{ a: bigint; b: Uint8Array; c: number; d: number }>('SELECT a, b, c, d FROM bound');
    expect(row).toEqual({ a: values[0], b: values[1], c: 0.1, d: 7 });
    expect(() => own.run('INSERT INTO bound VALUES (?1, ?2, ?3, ?4)', [1])).toThrow(TypeError);
    own.exec('DROP TABLE bound');
  });

  it('a foreign database is refused and not changed', async () => {
    const foreign = await startSqld();
    try {
      await query(foreign.url, 'CREATE TABLE accounts (id)');
      const other = connect(`${foreign.url}?isolation=inline`);
      await expect(other.open()).rejects.toMatchObject({ code: 'STORAGE_SCHEMA_UNSUPPORTED' });
      expect(await query(foreign.url, "SELECT name FROM sqlite_master WHERE type = 'table'")).toEqual([
        ['accounts'],
      ]);
    } finally {
      await foreign.stop();
    }
  });

  it('a schema of newer software is refused', async () => {
    const newer = await startSqld();
    try {
      const first = connect(`${newer.url}?isolation=inline`);
      await first.open();
      await first.apply([page('/', [chunk('zebra')])]); // the first write makes the schema
      await first.close();
      await query(newer.url, "UPDATE switchyard_meta SET value = '99' WHERE key = 'schema_level'");
      await expect(connect(`${newer.url}?isolation=inline`).open()).rejects.toMatchObject({
        code: 'STORAGE_SCHEMA_TOO_NEW',
      });
    } finally {
      await newer.stop();
    }
  });

  it('clients that start concurrently create the schema once', async () => {
    const fresh = await startSqld();
    const proxy = await startProxy(fresh.url);
    proxy.behave({ kind: 'forward', delayMs: 10 });
    const clients = Array.from({ length: 5 }, () => connect(proxy.url));
    try {
      await Promise.all(clients.map((client) => client.open()));
      await Promise.all(clients.map((client, i) => client.apply([page(`/${i}`, [chunk('zebra')])])));
      expect(await clients[0]?.catalog.pages(fastify)).toHaveLength(5);
      expect(await query(fresh.url, 'SELECT count(*) FROM switchyard_migrations')).toEqual([['1']]);
    } finally {
      await Promise.all(clients.map((client) => client.close()));
      await proxy.stop();
      await fresh.stop();
    }
  });
});
