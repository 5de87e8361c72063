import { type Behavior, createJwtKeys, type SqldServer, startSqld } from '@switchyard/sqld';
import { deadlineIn, isStorageError, type StorageErrorCode } from '@switchyard/storage-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { until } from '../../../tests/support/processes.js';
import { connect } from './support/connect.js';
import { failingServer, measureFailures, patience } from './support/failing-server.js';
import { describeWithSqld } from './support/sqld.js';
import { chunk, fastify, page } from './support/store.js';

describeWithSqld('a store on a server that fails', () => {
  const failing = failingServer((url) => url);
  const inTime = measureFailures();

  const read = () => failing.store.catalog.libraries(patience());
  const worksAgain = async () => expect(await failing.store.catalog.libraries()).toBeInstanceOf(Array);

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
    failing.proxy.behave(behavior);
    expect(await inTime.fails(what, read)).toMatchObject({ code, backend: 'libsql' });
    failing.proxy.behave({ kind: 'forward' });
    await worksAgain();
  });

  it('opening fails at the deadline, and succeeds once the server answers', async () => {
    const late = connect(failing.proxy.url);
    try {
      failing.proxy.behave({ kind: 'blackhole' });
      const open = () => late.open(patience());
      expect(await inTime.fails('opening', open)).toMatchObject({ code: 'STORAGE_TIMEOUT' });
      failing.proxy.behave({ kind: 'forward' });
      await late.open();
      expect(await late.catalog.libraries()).toBeInstanceOf(Array);
    } finally {
      await late.close();
    }
  });

  it('a write whose answer is lost reports an unknown outcome', async () => {
    await failing.store.apply([page('/lost', [chunk('zebra')])]);
    failing.proxy.behave({ kind: 'blackhole', deliver: true });
    const remove = () =>
      failing.store.apply([{ kind: 'deletePage', page: { version: fastify, url: '/lost' } }], patience());
    expect(await inTime.fails('a lost deletion', remove)).toMatchObject({
      code: 'STORAGE_TIMEOUT',
      outcome: 'unknown',
    });
    failing.proxy.behave({ kind: 'forward' });
    await worksAgain();
  });

  it('a write that can be repeated is retried, and applied once', async () => {
    await failing.store.apply([page('/kept', [chunk('zebra')])]);
    failing.proxy.behave({ kind: 'cut', afterBytes: 0 }, 1);
    await failing.store.apply([page('/kept', [chunk('okapi')])]);
    expect(await failing.store.catalog.chunksByUrl(fastify, '/kept')).toMatchObject([{ content: 'okapi' }]);
  });

  it('an aborted call returns at once while the server is silent', async () => {
    failing.proxy.behave({ kind: 'blackhole' });
    failing.proxy.reset();
    const controller = new AbortController();
    const call = failing.store.catalog.libraries({ signal: controller.signal });
    await until(() => failing.proxy.requests.length > 0);
    controller.abort();
    await expect(call).rejects.toMatchObject({ code: 'STORAGE_ABORTED' });
    failing.proxy.behave({ kind: 'forward' });
    await worksAgain();
  });

  it('a server killed during a request is unreachable until it is back', async () => {
    await failing.server.pause();
    try {
      failing.proxy.reset();
      const call = inTime.fails('killed in mid-request', read);
      await until(() => failing.proxy.requests.length > 0);
      await failing.server.kill();
      const error = await call;
      expect(isStorageError(error) && ['STORAGE_UNREACHABLE', 'STORAGE_TIMEOUT'].includes(error.code)).toBe(
        true,
      );
      expect(await inTime.fails('dead', read)).toMatchObject({ code: 'STORAGE_UNREACHABLE' });
    } finally {
      await failing.server.restart();
    }
    await worksAgain();
  });

  it('a pause of five seconds or more: an error for short deadlines, success for long ones', async () => {
    const paused = performance.now();
    await failing.server.pause();
    try {
      // The pause ends only after this has failed, however busy the machine is.
      expect(await inTime.fails('a pause of 5 s', read)).toMatchObject({ code: 'STORAGE_TIMEOUT' });
      const patient = failing.store.catalog.libraries({ deadline: deadlineIn(20_000) });
      setTimeout(() => failing.server.resume(), Math.max(500, paused + 5_000 - performance.now()));
      expect(await patient).toBeInstanceOf(Array);
    } finally {
      failing.server.resume();
    }
    await worksAgain();
  });

  it('an expired connection is reopened silently', async () => {
    await failing.store.apply([page('/idle', [chunk('zebra')])]);
    await failing.server.restart(); // knows nothing of the connections of before
    await worksAgain();
    expect(await failing.store.apply([page('/idle', [chunk('okapi')])])).toMatchObject([
      { chunksReplaced: 1 },
    ]);
  });
});

describeWithSqld('tokens', () => {
  const keys = createJwtKeys();
  const inTime = measureFailures();
  let server: SqldServer;
  beforeAll(async () => {
    server = await startSqld({ jwtPublicKey: keys.publicKey });
  });
  afterAll(() => server.stop());

  const refused: readonly (readonly [string, string | undefined])[] = [
    ['none', undefined],
    ['one that is no token', 'not-a-token'],
    ['one signed with another key', createJwtKeys().token()],
    ['one that has expired', keys.token({ expiresIn: -3_600 })],
  ];

  describe.each(['inline', 'process'])('isolation=%s', (isolation) => {
    it.each(refused)('%s is refused, and is not repeated in the message', async (what, token) => {
      const store = connect(`${server.url}?isolation=${isolation}`, token);
      const open = () => store.open(patience());
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
      const read = () => store.catalog.libraries(patience());
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
