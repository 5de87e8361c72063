import {
  type Behavior,
  createJwtKeys,
  type FaultProxy,
  type SqldServer,
  startProxy,
  startSqld,
} from '@switchyard/sqld';
import {
  deadlineIn,
  isStorageError,
  type StorageBackend,
  type StorageErrorCode,
} from '@switchyard/storage-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { connect } from './support/connect.js';
import { InTime } from './support/in-time.js';
import { describeWithSqld } from './support/sqld.js';
import { chunk, fastify, page } from './support/store.js';

/** Enough to start a child and to try again on a machine that is busy. */
const PATIENCE_MS = 4_000;

describeWithSqld('a store on a server that fails', () => {
  let server: SqldServer;
  let proxy: FaultProxy;
  let store: StorageBackend;
  const inTime = new InTime(PATIENCE_MS);

  beforeAll(async () => {
    server = await startSqld();
  });
  beforeEach(async () => {
    proxy = await startProxy(server.url);
    store = connect(proxy.url);
    await store.open();
  });
  afterEach(async () => {
    proxy.behave({ kind: 'forward' });
    await store.close();
    await proxy.stop();
  });
  afterAll(async () => {
    await server.stop();
    await inTime.end();
  });

  const read = () => store.catalog.libraries({ deadline: deadlineIn(PATIENCE_MS) });
  const worksAgain = async () => expect(await store.catalog.libraries()).toBeInstanceOf(Array);

  const faults: readonly (readonly [string, Behavior, StorageErrorCode])[] = [
    ['accepts and never answers', { kind: 'blackhole' }, 'STORAGE_TIMEOUT'],
    ['does the work and never answers', { kind: 'blackhole', deliver: true }, 'STORAGE_TIMEOUT'],
    ['answers with garbage', { kind: 'garbage' }, 'STORAGE_UNREACHABLE'],
    ['answers with a page of HTML', { kind: 'respond', status: 200, body: '<html>' }, 'STORAGE_UNREACHABLE'],
    ['closes before it answers', { kind: 'cut', afterBytes: 0 }, 'STORAGE_UNREACHABLE'],
    ['closes midway through its answer', { kind: 'cut', afterBytes: 120 }, 'STORAGE_UNREACHABLE'],
    ['resets the connection', { kind: 'drop' }, 'STORAGE_UNREACHABLE'],
    ['stands behind a broken gateway', { kind: 'respond', status: 502 }, 'STORAGE_UNREACHABLE'],
    ['is overloaded', { kind: 'respond', status: 429 }, 'STORAGE_BUSY'],
    ['is not where the address says', { kind: 'respond', status: 404 }, 'STORAGE_NOT_FOUND'],
    ['refuses the token', { kind: 'respond', status: 401 }, 'STORAGE_UNAUTHORIZED'],
    ['finds the request too large', { kind: 'respond', status: 413 }, 'STORAGE_TOO_LARGE'],
  ];

  it.each(faults)('%s: a typed error in time, and the next call succeeds', async (what, behavior, code) => {
    proxy.behave(behavior);
    expect(await inTime.fails(what, read)).toMatchObject({ code, backend: 'libsql' });
    proxy.behave({ kind: 'forward' });
    await worksAgain();
  });

  it('opening fails at the deadline, and succeeds once the server answers', async () => {
    const late = connect(proxy.url);
    try {
      proxy.behave({ kind: 'blackhole' });
      const open = () => late.open({ deadline: deadlineIn(PATIENCE_MS) });
      expect(await inTime.fails('opening', open)).toMatchObject({ code: 'STORAGE_TIMEOUT' });
      proxy.behave({ kind: 'forward' });
      await late.open();
      expect(await late.catalog.libraries()).toBeInstanceOf(Array);
    } finally {
      await late.close();
    }
  });

  it('a write whose answer is lost reports an unknown outcome', async () => {
    await store.apply([page('/lost', [chunk('zebra')])]);
    proxy.behave({ kind: 'blackhole', deliver: true });
    const remove = () =>
      store.apply([{ kind: 'deletePage', page: { version: fastify, url: '/lost' } }], {
        deadline: deadlineIn(PATIENCE_MS),
      });
    expect(await inTime.fails('a lost deletion', remove)).toMatchObject({
      code: 'STORAGE_TIMEOUT',
      outcome: 'unknown',
    });
    proxy.behave({ kind: 'forward' });
    await worksAgain();
  });

  it('a write that can be repeated is retried, and applied once', async () => {
    await store.apply([page('/kept', [chunk('zebra')])]);
    proxy.behave({ kind: 'cut', afterBytes: 0 }, 1);
    await store.apply([page('/kept', [chunk('okapi')])]);
    expect(await store.catalog.chunksByUrl(fastify, '/kept')).toMatchObject([{ content: 'okapi' }]);
  });

  it('an aborted call returns at once while the server is silent', async () => {
    proxy.behave({ kind: 'blackhole' });
    const controller = new AbortController();
    const call = store.catalog.libraries({ signal: controller.signal });
    setTimeout(() => controller.abort(), 100);
    await expect(call).rejects.toMatchObject({ code: 'STORAGE_ABORTED' });
    proxy.behave({ kind: 'forward' });
    await worksAgain();
  });

  it('a server killed during a request is unreachable until it is back', async () => {
    await server.pause();
    try {
      const call = inTime.fails('killed in mid-request', read);
      setTimeout(() => void server.kill(), 300);
      const error = await call;
      expect(isStorageError(error) && ['STORAGE_UNREACHABLE', 'STORAGE_TIMEOUT'].includes(error.code)).toBe(
        true,
      );
      expect(await inTime.fails('dead', read)).toMatchObject({ code: 'STORAGE_UNREACHABLE' });
    } finally {
      await server.restart();
    }
    await worksAgain();
  });

  it('a pause of five seconds or more: an error for short deadlines, success for long ones', {
    timeout: 60_000,
  }, async () => {
    const paused = performance.now();
    await server.pause();
    try {
      // The pause ends only after this has failed, however busy the machine is.
      expect(await inTime.fails('a pause of 5 s', read)).toMatchObject({ code: 'STORAGE_TIMEOUT' });
      const patient = store.catalog.libraries({ deadline: deadlineIn(20_000) });
      setTimeout(() => server.resume(), Math.max(500, paused + 5_000 - performance.now()));
      expect(await patient).toBeInstanceOf(Array);
    } finally {
      server.resume();
    }
    await worksAgain();
  });

  it('an expired connection is reopened silently', { timeout: 60_000 }, async () => {
    await store.apply([page('/idle', [chunk('zebra')])]);
    await server.restart(); // knows nothing of the connections of before
    await worksAgain();
    expect(await store.apply([page('/idle', [chunk('okapi')])])).toMatchObject([{ chunksReplaced: 1 }]);
  });
});

describeWithSqld('tokens', () => {
  const keys = createJwtKeys();
  const inTime = new InTime(PATIENCE_MS);
  let server: SqldServer;
  beforeAll(async () => {
    server = await startSqld({ jwtPublicKey: keys.publicKey });
  });
  afterAll(async () => {
    await server.stop();
    await inTime.end();
  });

  const refused: readonly (readonly [string, string | undefined])[] = [
    ['none', undefined],
    ['one that is no token', 'not-a-token'],
    ['one signed with another key', createJwtKeys().token()],
    ['one that has expired', keys.token({ expiresIn: -3_600 })],
  ];

  describe.each(['inline', 'process'])('isolation=%s', (isolation) => {
    it.each(refused)('%s is refused, and is not repeated in the message', async (what, token) => {
      const store = connect(`${server.url}?isolation=${isolation}`, token);
      const open = () => store.open({ deadline: deadlineIn(PATIENCE_MS) });
      const error =
        isolation === 'process'
          ? await inTime.fails(what, open)
          : await open().catch((reason: unknown) => reason);
      expect(error).toMatchObject({ code: 'STORAGE_UNAUTHORIZED', retryable: false });
      if (token !== undefined) expect(JSON.stringify(error)).not.toContain(token);
      await store.close();
    });

    it('one that expires while the store is open is rejected from then on, and a new one accepted', async () => {
      // sqld allows a minute of grace: twelve seconds are left to open the store and read from it.
      const shortLived = keys.token({ expiresIn: -48 });
      const store = connect(`${server.url}?isolation=${isolation}`, shortLived);
      await store.open();
      const read = () => store.catalog.libraries({ deadline: deadlineIn(PATIENCE_MS) });
      expect(await read()).toBeInstanceOf(Array);
      const refusal = await vi.waitFor(
        async () => {
          const error = await read().catch((reason: unknown) => reason);
          expect(error).toBeInstanceOf(Error);
          return error;
        },
        { timeout: 30_000, interval: 500 },
      );
      expect(refusal).toMatchObject({ code: 'STORAGE_UNAUTHORIZED', retryable: false });
      await store.close();
      const renewed = connect(`${server.url}?isolation=${isolation}`, keys.token());
      await renewed.open();
      expect(await renewed.catalog.libraries()).toBeInstanceOf(Array);
      await renewed.close();
    });

    it('a read-only one reads, and does not write', async () => {
      const writer = connect(`${server.url}?isolation=${isolation}`, keys.token());
      await writer.open();
      await writer.apply([page(`/${isolation}`, [chunk('zebra')])]);
      const reader = connect(`${server.url}?isolation=${isolation}`, keys.token({ access: 'read-only' }));
      await reader.open();
      expect(await reader.catalog.chunksByUrl(fastify, `/${isolation}`)).toHaveLength(1);
      await expect(reader.apply([page('/b', [chunk('okapi')])])).rejects.toMatchObject({
        code: 'STORAGE_UNAUTHORIZED',
        outcome: 'not-applied',
      });
      await reader.close();
      await writer.close();
    });
  });
});
