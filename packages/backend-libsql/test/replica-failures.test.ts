import { join } from 'node:path';
import { beforeEach, expect, it } from 'vitest';
import { failingServer, measureFailures, patience } from './support/failing-server.js';
import { describeWithSqld } from './support/sqld.js';
import { chunk, fastify, page } from './support/store.js';
import { tempFolder } from './support/temp.js';

describeWithSqld('a replica whose server fails', () => {
  const failing = failingServer((url) => `file:${join(tempFolder(), 'replica.db')}?syncUrl=${url}`);
  const inTime = measureFailures();
  beforeEach(async () => {
    await failing.store.apply([page('/kept', [chunk('zebra')])]);
  });

  const write = (content: string) => failing.store.apply([page('/kept', [chunk(content)])], patience());
  const contents = async () =>
    (await failing.store.catalog.chunksByUrl(fastify, '/kept')).map(({ content }) => content);

  it('continues to read without the server, reports its lag, and writes again when the server is back', async () => {
    await failing.proxy.refuse();
    expect(await contents()).toEqual(['zebra']);
    expect(await inTime.fails('a write, refused', () => write('okapi'))).toMatchObject({
      code: 'STORAGE_UNREACHABLE',
    });
    expect(await contents()).toEqual(['zebra']);
    const setStatus = () =>
      failing.store.apply([{ kind: 'setVersionStatus', version: fastify, status: 'running' }], patience());
    expect(await inTime.fails('a transaction, refused', setStatus)).toMatchObject({
      code: 'STORAGE_UNREACHABLE',
    });
    expect(await contents()).toEqual(['zebra']);
    // The driver tries it for some seconds by itself.
    await expect(failing.store.sync?.()).rejects.toMatchObject({ code: 'STORAGE_UNREACHABLE' });
    const { replication } = await failing.store.inspect();
    expect(replication?.lastFailure).not.toBeNull();
    expect(await contents()).toEqual(['zebra']);

    await failing.proxy.listen();
    await write('okapi');
    await setStatus();
    expect(await contents()).toEqual(['okapi']);
    await failing.store.sync?.();
    expect((await failing.store.inspect()).replication?.lastFailure).toBeNull();
  });

  it('a server that accepts but never answers: an error at the deadline, and writes resume when it answers', async () => {
    failing.proxy.behave({ kind: 'blackhole' });
    expect(await inTime.fails('a write, black hole', () => write('okapi'))).toMatchObject({
      code: 'STORAGE_TIMEOUT',
      outcome: 'unknown',
    });
    failing.proxy.behave({ kind: 'forward' });
    failing.proxy.disconnect();
    await failing.store.apply([page('/kept', [chunk('okapi')])]);
    expect(await contents()).toEqual(['okapi']);
  });

  it('a sync that never ends is abandoned at the deadline', async () => {
    failing.proxy.behave({ kind: 'blackhole' });
    const sync = async () => failing.store.sync?.(patience());
    expect(await inTime.fails('a sync, black hole', sync)).toMatchObject({ code: 'STORAGE_TIMEOUT' });
    failing.proxy.behave({ kind: 'forward' });
    failing.proxy.disconnect();
    await failing.store.sync?.();
    expect(await contents()).toEqual(['zebra']);
  });
});
