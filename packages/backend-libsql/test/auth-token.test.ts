import { join } from 'node:path';
import { libsqlBackend } from '@switchyard/backend-libsql';
import { createJwtKeys, type SqldServer, startProxy, startSqld } from '@switchyard/sqld';
import {
  type AuthToken,
  deadlineIn,
  parseConnectionString,
  type StorageBackend,
} from '@switchyard/storage-core';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { connect } from './support/connect.js';
import { InTime } from './support/in-time.js';
import { describeWithSqld } from './support/sqld.js';
import { chunk, fastify, page } from './support/store.js';
import { tempFolder } from './support/temp.js';

function connectWith(connection: string, authToken: AuthToken): StorageBackend {
  return libsqlBackend.create(parseConnectionString(connection, { backends: [libsqlBackend] }), {
    authToken,
  });
}

describeWithSqld('authToken', () => {
  const keys = createJwtKeys();
  let server: SqldServer;
  beforeAll(async () => {
    server = await startSqld({ jwtPublicKey: keys.publicKey });
  });
  afterAll(() => server.stop());

  const places = (): [string, string][] => [
    ['inline', `${server.url}?isolation=inline`],
    ['process', `${server.url}?isolation=process`],
    ['replica inline', `file:${join(tempFolder(), 'r.db')}?syncUrl=${server.url}&isolation=inline`],
    ['replica', `file:${join(tempFolder(), 'r.db')}?syncUrl=${server.url}`],
  ];

  it('a function is called again when its token has expired, and the call continues with the new one', async () => {
    const stores = await Promise.all(
      places().map(async ([name, connection]) => {
        let calls = 0;
        // sqld allows a minute of grace: fifteen seconds are left to open the store.
        const store = connectWith(connection, () => keys.token(++calls === 1 ? { expiresIn: -45 } : {}));
        await store.open();
        return { name, store, calls: () => calls };
      }),
    );
    for (const { store, calls, name } of stores) {
      await vi.waitFor(
        async () => {
          await store.apply([page(`/${name}`, [chunk('zebra')])]);
          expect(calls(), name).toBe(2);
        },
        { timeout: 40_000, interval: 500 },
      );
      expect(await store.catalog.chunksByUrl(fastify, `/${name}`)).toHaveLength(1);
      await store.close();
    }
  });

  it('a function whose tokens are rejected is called twice, and a string is not retried', async () => {
    for (const isolation of ['inline', 'process']) {
      const fetch = vi.fn(async () => createJwtKeys().token());
      const store = connectWith(`${server.url}?isolation=${isolation}`, fetch);
      await expect(store.open()).rejects.toMatchObject({ code: 'STORAGE_UNAUTHORIZED' });
      expect(fetch).toHaveBeenCalledTimes(2);
    }
    await expect(connectWith(server.url, 'not-a-token').open()).rejects.toThrow(/refused the token/);
  });

  it('a failure of the function is reported, without the token', async () => {
    const store = connectWith(server.url, () => Promise.reject(new Error('vault is sealed')));
    const error = await store.open().catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'STORAGE_UNAUTHORIZED', cause: { message: 'vault is sealed' } });
  });

  it('errors distinguish a missing, an expired and a read-only token', async () => {
    const writer = connectWith(`${server.url}?isolation=inline`, keys.token());
    await writer.open();
    await writer.close();
    await expect(connect(server.url).open()).rejects.toMatchObject({
      message: expect.stringContaining('wants a token and none was given'),
      advice: expect.stringContaining('LIBSQL_AUTH_TOKEN'),
      details: { reason: 'no-token' },
    });
    await expect(connect(server.url, keys.token({ expiresIn: -3_600 })).open()).rejects.toMatchObject({
      message: expect.stringContaining('The token has expired'),
      details: { reason: 'token-expired' },
    });
    const fetch = vi.fn(() => keys.token({ access: 'read-only' }));
    const reader = connectWith(server.url, fetch);
    await reader.open();
    await expect(reader.apply([page('/b', [chunk('okapi')])])).rejects.toMatchObject({
      message: expect.stringContaining('The token may only read'),
      outcome: 'not-applied',
    });
    expect(fetch).toHaveBeenCalledTimes(1);
    await reader.close();
  });
});

describeWithSqld('servers that cannot be reached', () => {
  const inTime = new InTime(2_000);
  afterAll(() => inTime.end());

  it.each([
    ['http://127.0.0.1:1', /refuses connections/, /server runs, and its port/],
    ['http://no-such-host.invalid', /host name of the server cannot be resolved/, /spelling of the host/],
  ])('%s: the advice fits', async (url, message, advice) => {
    const store = connect(`${url}?isolation=inline`);
    const error = await store.open().catch((reason: unknown) => reason);
    expect(error).toMatchObject({
      code: 'STORAGE_UNREACHABLE',
      message: expect.stringMatching(message),
      advice: expect.stringMatching(advice),
    });
  });

  it('one without TLS at https:// is a failed handshake', async () => {
    const server = await startSqld();
    const store = connect(`${server.url.replace('http', 'https')}?isolation=inline`);
    await expect(store.open()).rejects.toMatchObject({
      code: 'STORAGE_UNREACHABLE',
      message: expect.stringContaining('TLS handshake failed'),
    });
    await server.stop();
  });

  it('callTimeoutMs bounds the opening, and inspecting, of one that never answers', async () => {
    const server = await startSqld();
    const proxy = await startProxy(server.url);
    try {
      const store = connect(`${proxy.url}?callTimeoutMs=2000`);
      proxy.behave({ kind: 'blackhole' });
      expect(await inTime.fails('opening', () => store.open())).toMatchObject({ code: 'STORAGE_TIMEOUT' });
      const replica = connect(`file:${join(tempFolder(), 'r.db')}?syncUrl=${proxy.url}&callTimeoutMs=2000`);
      expect(await inTime.fails('opening a replica', () => replica.open())).toMatchObject({
        code: 'STORAGE_TIMEOUT',
      });
      proxy.behave({ kind: 'forward' });
      await store.open({ deadline: deadlineIn(30_000) });
      proxy.behave({ kind: 'blackhole' });
      expect(await inTime.fails('inspecting', () => store.inspect())).toMatchObject({
        code: 'STORAGE_TIMEOUT',
      });
      await store.close();
    } finally {
      await proxy.stop();
      await server.stop();
    }
  });
});
