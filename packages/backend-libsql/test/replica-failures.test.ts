import { join } from 'node:path';
import { type FaultProxy, type SqldServer, startProxy, startSqld } from '@switchyard/sqld';
import { deadlineIn, type StorageBackend } from '@switchyard/storage-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { connect } from './support/connect.js';
import { InTime } from './support/in-time.js';
import { describeWithSqld } from './support/sqld.js';
import { chunk, fastify, page } from './support/store.js';
import { tempFolder } from './support/temp.js';

// Enough to start a child and to try again on a machine that is busy.
const PATIENCE_MS = 4_000;

describeWithSqld('a replica whose server fails', () => {
  let server: SqldServer;
  let proxy: FaultProxy;
  let store: StorageBackend;
  const inTime = new InTime(PATIENCE_MS);

  beforeAll(async () => {
    server = await startSqld();
  });
  beforeEach(async () => {
    proxy = await startProxy(server.url);
    store = connect(`file:${join(tempFolder(), 'replica.db')}?syncUrl=${proxy.url}`);
    await store.open();
    await store.apply([page('/kept', [chunk('zebra')])]);
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

  const write = (content: string) =>
    store.apply([page('/kept', [chunk(content)])], { deadline: deadlineIn(PATIENCE_MS) });
  const contents = async () =>
    (await store.catalog.chunksByUrl(fastify, '/kept')).map(({ content }) => content);

  it('continues to read without the server, reports its lag, and writes again when the server is back', async () => {
    await proxy.refuse();
    expect(await contents()).toEqual(['zebra']);
    expect(await inTime.fails('a write, refused', () => write('okapi'))).toMatchObject({
      code: 'STORAGE_UNREACHABLE',
    });
    expect(await contents()).toEqual(['zebra']);
    const setStatus = () =>
      store.apply([{ kind: 'setVersionStatus', version: fastify, status: 'running' }], {
        deadline: deadlineIn(PATIENCE_MS),
      });
    expect(await inTime.fails('a transaction, refused', setStatus)).toMatchObject({
      code: 'STORAGE_UNREACHABLE',
    });
    expect(await contents()).toEqual(['zebra']);
    // The driver tries it for some seconds by itself.
    await expect(store.sync?.()).rejects.toMatchObject({ code: 'STORAGE_UNREACHABLE' });
    const { replication } = await store.inspect();
    expect(replication?.lastFailure).not.toBeNull();
    expect(await contents()).toEqual(['zebra']);

    await proxy.listen();
    await write('okapi');
    await setStatus();
    expect(await contents()).toEqual(['okapi']);
    await store.sync?.();
    expect((await store.inspect()).replication?.lastFailure).toBeNull();
  });

  it('a server that accepts but never answers: an error at the deadline, and writes resume when it answers', async () => {
    proxy.behave({ kind: 'blackhole' });
    expect(await inTime.fails('a write, black hole', () => write('okapi'))).toMatchObject({
      code: 'STORAGE_TIMEOUT',
      outcome: 'unknown',
    });
    proxy.behave({ kind: 'forward' });
    proxy.disconnect();
    await store.apply([page('/kept', [chunk('okapi')])]);
    expect(await contents()).toEqual(['okapi']);
  });

  it('a sync that never ends is abandoned at the deadline', async () => {
    proxy.behave({ kind: 'blackhole' });
    const sync = async () => store.sync?.({ deadline: deadlineIn(PATIENCE_MS) });
    expect(await inTime.fails('a sync, black hole', sync)).toMatchObject({ code: 'STORAGE_TIMEOUT' });
    proxy.behave({ kind: 'forward' });
    proxy.disconnect();
    await store.sync?.();
    expect(await contents()).toEqual(['zebra']);
  });
});
