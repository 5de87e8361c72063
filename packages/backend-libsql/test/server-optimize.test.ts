import { join } from 'node:path';
import { type FaultProxy, type SqldServer, startProxy, startSqld } from '@switchyard/sqld';
import { deadlineIn, type StorageBackend } from '@switchyard/storage-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connect } from './support/connect.js';
import { describeWithSqld, query } from './support/sqld.js';
import { chunk, fastify, page } from './support/store.js';
import { tempFolder } from './support/temp.js';

const DIMENSION = 8;
const PAGES = 30;

describeWithSqld('optimize', () => {
  let server: SqldServer;
  let proxy: FaultProxy;
  beforeEach(async () => {
    server = await startSqld();
    proxy = await startProxy(server.url);
  });
  afterEach(async () => {
    await proxy.stop();
    await server.stop();
  });

  const places: readonly (readonly [string, () => string])[] = [
    ['on a server', () => `${proxy.url}?isolation=process`],
    ['on a server, inline', () => `${server.url}?isolation=inline`],
    ['through a replica', () => `file:${join(tempFolder(), 'r.db')}?syncUrl=${server.url}`],
    [
      'through a replica, inline',
      () => `file:${join(tempFolder(), 'r.db')}?syncUrl=${server.url}&isolation=inline`,
    ],
  ];

  /** Many small writes, each a transaction of its own. */
  async function writeMuch(store: StorageBackend): Promise<void> {
    await store.vectors.reconcile({ model: 'a:b', dimension: DIMENSION }, 'refuse');
    for (let round = 0; round < PAGES * 1.5; round++) {
      const vector = Float32Array.from({ length: DIMENSION }, (_, at) => Math.sin(round * 31 + at));
      await store.apply([page(`/${round % PAGES}`, [chunk(`zebra okapi word${round}`, { vector })])]);
    }
  }

  const segments = async () => Number((await query(server.url, SEGMENTS))[0]?.[0]);

  describe.each(places)('%s', (_where, connection) => {
    it('leaves one segment of full text and changes no answer', async () => {
      const store = connect(connection());
      const other = connect(server.url);
      try {
        await store.open();
        await other.open();
        await writeMuch(store);
        const answers = async (from: StorageBackend) => ({
          words: await from.fts.match({ version: fastify, terms: ['okapi', 'word3', 'word40'], limit: 50 }),
          near: await from.vectors.nearest({
            version: fastify,
            vector: new Float32Array(DIMENSION).fill(1),
            limit: 50,
          }),
        });
        const before = [await answers(store), await answers(other)];
        expect(before.map(({ words, near }) => [words.length, near.length])).toEqual([
          [PAGES, PAGES],
          [PAGES, PAGES],
        ]);
        expect(await segments()).toBeGreaterThan(1);

        await store.optimize?.({ deadline: deadlineIn(60_000) });

        expect(await segments()).toBe(1);
        expect([await answers(store), await answers(other)]).toEqual(before);
        expect((await store.fts.audit()).problems).toEqual([]);
        expect((await store.vectors.audit()).problems).toEqual([]);
      } finally {
        await store.close();
        await other.close();
      }
    });
  });

  it('is one request to a server', async () => {
    const store = connect(proxy.url);
    await store.open();
    await store.apply([page('/a', [chunk('zebra')])]);
    await store.optimize?.();
    proxy.reset();
    await store.optimize?.();
    expect(proxy.requests).toHaveLength(1);
    await store.close();
  });
});

const SEGMENTS = `
  SELECT count(DISTINCT segid) FROM documents_fts_idx`;
