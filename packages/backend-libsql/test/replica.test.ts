import { readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type SqldServer, startSqld } from '@switchyard/sqld';
import type { StorageBackend } from '@switchyard/storage-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { until } from '../../../tests/support/processes.js';
import { connect } from './support/connect.js';
import { describeWithSqld } from './support/sqld.js';
import { chunk, fastify, openStore, page } from './support/store.js';
import { tempFolder } from './support/temp.js';

describeWithSqld('a replica', () => {
  let server: SqldServer;
  let primary: StorageBackend;
  let file: string;
  const open: StorageBackend[] = [];

  beforeAll(async () => {
    server = await startSqld();
    primary = connect(server.url);
    await primary.open();
    await primary.vectors.reconcile({ model: 'a:b', dimension: 4 }, 'refuse');
  });
  beforeEach(() => {
    file = join(tempFolder(), 'replica.db');
  });
  afterEach(async () => {
    for (const store of open.splice(0)) await store.close();
  });
  afterAll(async () => {
    await primary.close();
    await server.stop();
  });

  async function openReplica(options = ''): Promise<StorageBackend> {
    const store = connect(`file:${file}?syncUrl=${server.url}${options}`);
    open.push(store);
    await store.open();
    return store;
  }

  const contents = async (store: StorageBackend, url: string) =>
    (await store.catalog.chunksByUrl(fastify, url)).map(({ content }) => content);

  describe.each(['inline', 'process'])('isolation=%s', (isolation) => {
    it('reads its own writes, however often reads and writes alternate', async () => {
      const store = await openReplica(`&isolation=${isolation}`);
      for (let round = 0; round < 15; round++) {
        const vector = Float32Array.of(1, round, 0, 0);
        await store.apply([page('/own', [chunk(`zebra${round}`, { vector })])]);
        expect(await contents(store, '/own')).toEqual([`zebra${round}`]);
        const found = await store.fts.match({ version: fastify, terms: [`zebra${round}`], limit: 5 });
        expect(found).toHaveLength(1);
        const near = await store.vectors.nearest({ version: fastify, vector, limit: 1 });
        expect(near[0]?.chunkId).toBe(found[0]?.chunkId);
      }
    });

    it('sees writes of others after a sync, and reports its position', async () => {
      const store = await openReplica(`&isolation=${isolation}`);
      const url = `/others-${isolation}`;
      await primary.apply([page(url, [chunk('from elsewhere')])]);
      expect(await contents(store, url)).toEqual([]);
      const report = await store.sync?.();
      expect(report?.framesOfLastSync).toBeGreaterThan(0);
      expect(await contents(store, url)).toEqual(['from elsewhere']);

      const { replication } = await store.inspect();
      expect(replication).toMatchObject({ primary: server.url, lastFailure: null });
      expect(replication?.secondsBehind).toBeGreaterThanOrEqual(0);
    });
  });

  it('sees writes of others automatically with a sync interval', async () => {
    const store = await openReplica('&syncIntervalSeconds=1');
    await primary.apply([page('/interval', [chunk('by itself')])]);
    await until(async () => (await contents(store, '/interval')).includes('by itself'));
  });

  it('is up to date as soon as it is opened', async () => {
    await primary.apply([page('/before', [chunk('there already')])]);
    expect(await contents(await openReplica(), '/before')).toEqual(['there already']);
  });

  it('returns other results for other parameters of the same query', async () => {
    const store = await openReplica('&isolation=inline');
    await store.apply([page('/one', [chunk('first')]), page('/two', [chunk('second')])]);
    expect(await contents(store, '/one')).toEqual(['first']);
    expect(await contents(store, '/two')).toEqual(['second']);
    expect(await contents(store, '/none')).toEqual([]);
  });

  it('does not open without its server, and opens when it is back', async () => {
    await (await openReplica()).close();
    await server.kill();
    const store = connect(`file:${file}?syncUrl=${server.url}`);
    open.push(store);
    await expect(store.open()).rejects.toMatchObject({ code: 'STORAGE_UNREACHABLE' });
    await server.restart();
    await store.open();
    expect(await store.catalog.libraries()).toHaveLength(1);
  });

  const damages: readonly (readonly [string, () => void])[] = [
    ['emptied', () => truncateSync(file, 0)],
    [
      'overwritten',
      () => {
        for (const name of [file, `${file}-wal`]) writeFileSync(name, 'no database '.repeat(2_000));
      },
    ],
  ];

  it.each(damages)('that was %s is set aside and downloaded again', async (_what, damage) => {
    const first = await openReplica();
    await first.apply([page('/precious', [chunk('kept by the server')])]);
    await first.close();
    await sleep(100);
    damage();
    const again = await openReplica();
    expect(await contents(again, '/precious')).toEqual(['kept by the server']);
    expect(readdirSync(join(file, '..')).some((name) => name.includes('.damaged-'))).toBe(true);
  });

  it.skipIf(process.platform === 'win32').each(['inline', 'process'])(
    'is for its user alone, isolation=%s',
    async (isolation) => {
      await openReplica(`&isolation=${isolation}`);
      for (const name of readdirSync(join(file, '..')))
        expect((statSync(join(file, '..', name)).mode & 0o077).toString(8), name).toBe('0');
    },
  );

  it('refuses a file that is something else, without changing it', async () => {
    const store = await openStore(file);
    await store.apply([page('/mine', [chunk('local')])]);
    await store.close();
    const before = readFileSync(file);
    await expect(openReplica()).rejects.toMatchObject({ code: 'STORAGE_SCHEMA_UNSUPPORTED' });
    expect(readFileSync(file).equals(before)).toBe(true);
  });
});
