import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createJwtKeys, type SqldServer, startSqld } from '@switchyard/sqld';
import { afterEach, expect, test } from 'vitest';
import { isAlive, until } from '../../../tests/support/processes.js';
import { describeWithSqld, query } from './support/sqld.js';

describeWithSqld('a real sqld', () => {
  const servers: SqldServer[] = [];
  const start = async (options: Parameters<typeof startSqld>[0] = {}): Promise<SqldServer> => {
    const server = await startSqld(options);
    servers.push(server);
    return server;
  };
  /** Resolves after many answers of another server, in which time a server that is not paused would have answered. */
  const otherTraffic = async (): Promise<void> => {
    const other = await start();
    for (let count = 0; count < 50; count++) await query(other.url, 'SELECT 1');
  };
  afterEach(async () => {
    for (const server of servers.splice(0).reverse()) await server.stop();
  });

  test('answers once started, and leaves neither process nor folder when stopped', async () => {
    const server = await start();
    expect((await query(server.url, 'SELECT 41 + 1')).rows).toEqual([['42']]);
    const pid = server.pid as number;
    expect(existsSync(server.databaseFile)).toBe(true);
    await Promise.all([server.stop(), server.stop()]);
    expect(isAlive(pid)).toBe(false);
    expect(server.pid).toBeNull();
    expect(existsSync(server.directory)).toBe(false);
    await expect(server.restart()).rejects.toThrow(/stopped for good/);
  });

  test('comes back on the same port with the same data after a crash', async () => {
    const server = await start();
    await query(server.url, 'CREATE TABLE t (a)');
    await query(server.url, 'INSERT INTO t VALUES (7)');
    await server.kill();
    await expect(query(server.url, 'SELECT 1')).rejects.toThrow();
    const { url } = server;
    await server.restart();
    expect(server.url).toBe(url);
    expect((await query(server.url, 'SELECT a FROM t')).rows).toEqual([['7']]);
  });

  test('keeps an explicit folder', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'switchyard-kept-'));
    try {
      const first = await start({ directory });
      await query(first.url, 'CREATE TABLE kept (a)');
      await first.stop();
      const second = await start({ directory });
      expect((await query(second.url, 'SELECT count(*) FROM kept')).rows).toEqual([['0']]);
      await second.stop();
      expect(existsSync(directory)).toBe(true);
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  });

  test('answers no request while paused, and pending ones once resumed', async () => {
    const server = await start();
    await server.pause();
    let answered = false;
    const answer = query(server.url, 'SELECT 5').then((result) => {
      answered = true;
      return result;
    });
    await otherTraffic();
    expect(answered).toBe(false);
    server.resume();
    expect((await answer).rows).toEqual([['5']]);
  });

  test('answers nobody once paused, however busy it is', async () => {
    const server = await start();
    let answers = 0;
    let asking = true;
    const ask = async () => {
      while (asking) {
        await query(server.url, 'SELECT 5');
        answers++;
      }
    };
    const askers = Array.from({ length: 16 }, ask);
    await until(() => answers > 16);
    await server.pause();
    await otherTraffic(); // earlier answers may still be in transit
    const before = answers;
    await otherTraffic();
    expect(answers).toBe(before);
    asking = false;
    server.resume();
    await Promise.all(askers);
  });

  test('can be stopped while paused', async () => {
    const server = await start();
    const pid = server.pid as number;
    await server.pause();
    await server.stop();
    expect(isAlive(pid)).toBe(false);
  });

  test('requires a token that its key signed, that has not expired, and that allows the access', async () => {
    const keys = createJwtKeys();
    const server = await start({ jwtPublicKey: keys.publicKey });
    expect((await query(server.url, 'SELECT 1')).status).toBe(401);
    expect((await query(server.url, 'SELECT 1', createJwtKeys().token())).status).toBe(401);
    expect((await query(server.url, 'SELECT 1', keys.token({ expiresIn: -3600 }))).status).toBe(401);
    expect((await query(server.url, 'CREATE TABLE t (a)', keys.token({ expiresIn: 3600 }))).error).toBeNull();
    const readOnly = keys.token({ access: 'read-only' });
    expect((await query(server.url, 'SELECT count(*) FROM t', readOnly)).rows).toEqual([['0']]);
    expect((await query(server.url, 'INSERT INTO t VALUES (1)', readOnly)).error).toMatch(/forbidden/i);
  });

  test('replicates a primary', async () => {
    const primary = await start({ grpc: true });
    await query(primary.url, 'CREATE TABLE t (a)');
    const replica = await start({ primaryGrpcUrl: primary.grpcUrl as string });
    await query(primary.url, 'INSERT INTO t VALUES (9)');
    await until(async () => (await query(replica.url, 'SELECT a FROM t')).rows.length === 1);
    expect((await query(replica.url, 'SELECT a FROM t')).rows).toEqual([['9']]);
  });

  test('reports the output of a server that does not start', async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    const { port } = taken.address() as { port: number };
    try {
      // The port is taken by something other than an HTTP server.
      await expect(startSqld({ port, startTimeoutMs: 2_000 })).rejects.toThrow(/in use/i);
    } finally {
      taken.close();
    }
    await expect(startSqld({ extraArguments: ['--no-such-argument'] })).rejects.toThrow(/no-such-argument/);
  });
});
