import type { StorageBackend } from '@switchyard/storage-core';
import Database from 'libsql';
import { describe, expect, it } from 'vitest';
import { chunk, fastify, openStore, page } from './support/store.js';
import { tempFile } from './support/temp.js';

const dimension = 8;

/** Many small writes and deletions, each a transaction of its own. */
async function writeMuch(store: StorageBackend): Promise<void> {
  await store.vectors.reconcile({ model: 'test:model', dimension, metric: 'cosine' }, 'refuse');
  for (let round = 0; round < 60; round++) {
    const chunks = Array.from({ length: 5 }, (_, i) =>
      chunk(`zebra okapi word${round} word${(round * i) % 17}`, {
        vector: Float32Array.from({ length: dimension }, (_, at) => Math.sin(round * 31 + i * 7 + at)),
      }),
    );
    await store.apply([page(`/${round % 40}`, chunks)]);
  }
}

function segments(file: string): number {
  const other = new Database(file);
  const [row] = other.prepare('SELECT count(DISTINCT segid) AS n FROM documents_fts_idx').all([]) as [
    { n: number },
  ];
  other.close();
  return row.n;
}

describe('optimize', () => {
  it('leaves one full-text segment and does not change results', async () => {
    const file = tempFile();
    const store = await openStore(file);
    await writeMuch(store);
    const search = async (from: StorageBackend) => ({
      words: await from.fts.match({ version: fastify, terms: ['okapi', 'word3'], limit: 50 }),
      vectors: await from.vectors.nearest({
        version: fastify,
        vector: new Float32Array(dimension).fill(1),
        limit: 50,
      }),
    });
    const reader = await openStore(file);
    const before = await search(reader);
    expect(before.words).toHaveLength(50);
    expect(segments(file)).toBeGreaterThan(1);

    await store.optimize?.();

    expect(segments(file)).toBe(1);
    for (const from of [store, reader, await openStore(file)]) expect(await search(from)).toEqual(before);
    expect((await store.fts.audit()).problems).toEqual([]);
    expect((await store.vectors.audit()).problems).toEqual([]);
  });

  it('stops between two steps on abort, and resumes when called again', async () => {
    const file = tempFile();
    const store = await openStore(file);
    for (let number = 0; number < 30; number++) {
      const texts = Array.from({ length: 20 }, (_, i) =>
        chunk(
          Array.from(
            { length: 150 },
            (_, word) => `w${(number * 7919 + i * 104_729 + word * 31) % 20_011}`,
          ).join(' '),
        ),
      );
      await store.apply([page(`/${number}`, texts)]);
    }
    const before = segments(file);
    const controller = new AbortController();
    const stopped = store.optimize?.({ signal: controller.signal });
    setImmediate(() => controller.abort());
    await expect(stopped).rejects.toMatchObject({ code: 'STORAGE_ABORTED' });
    expect(before).toBeGreaterThan(1);
    expect((await store.fts.audit()).problems).toEqual([]);
    await store.optimize?.();
    expect(segments(file)).toBe(1);
    expect((await store.fts.audit()).problems).toEqual([]);
  });

  it('does not wait for a reader that keeps its snapshot, and writers still wait for each other', async () => {
    const file = tempFile();
    const store = await openStore(file);
    await store.apply([page('/a', [chunk('zebra')])]);
    const reader = new Database(file);
    reader.exec('BEGIN');
    reader.prepare('SELECT count(*) FROM pages').all([]);
    await store.apply([page('/b', [chunk('zebra')])]);
    await store.optimize?.();
    expect(await store.fts.match({ version: fastify, terms: ['zebra'], limit: 5 })).toHaveLength(2);
    reader.exec('COMMIT');
    reader.close();
    await store.optimize?.();
    await store.apply([page('/c', [chunk('zebra')])]);
  });

  it('accepts a store without vectors, an empty store, and a store in memory', async () => {
    for (const connection of [tempFile(), ':memory:']) {
      const store = await openStore(connection);
      await store.optimize?.();
      await store.apply([page('/a', [chunk('zebra')])]);
      await store.optimize?.();
      expect(await store.fts.match({ version: fastify, terms: ['zebra'], limit: 5 })).toHaveLength(1);
    }
  });
});
