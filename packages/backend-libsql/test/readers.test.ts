import { join } from 'node:path';
import type { IsolatedBackend } from '@switchyard/storage-isolation';
import { expect, it } from 'vitest';
import { connect } from './support/connect.js';
import { fingerprintOf } from './support/fingerprint.js';
import { chunk, fastify, page } from './support/store.js';
import { tempFolder } from './support/temp.js';

it('readers of a local file see every acknowledged write, and search concurrently', async () => {
  const store = connect(`${join(tempFolder(), 'store.db')}?readers=2`) as IsolatedBackend;
  try {
    await store.open();
    expect(new Set([store.processes.writer, ...store.processes.readers]).size).toBe(3);
    await store.vectors.reconcile({ model: 'a:b', dimension: 4 }, 'refuse');
    for (let round = 0; round < 10; round++) {
      const vector = Float32Array.of(1, round, 0, 0);
      await store.apply([page('/a', [chunk(`zebra${round}`, { vector })])]);
      const searches = await Promise.all(
        Array.from({ length: 6 }, async () => [
          (await store.fts.match({ version: fastify, terms: [`zebra${round}`], limit: 3 })).length,
          (await store.vectors.nearest({ version: fastify, vector, limit: 3 }))[0]?.distance,
        ]),
      );
      for (const [words, distance] of searches) {
        expect(words).toBe(1);
        expect(distance).toBeCloseTo(0, 6);
      }
    }
  } finally {
    await store.close();
  }
});

it('readers create nothing in an empty store and change nothing in a full one', async () => {
  const file = join(tempFolder(), 'store.db');
  const store = connect(`${file}?readers=2`) as IsolatedBackend;
  const read = async () => {
    await store.catalog.overview();
    await store.inspect();
    await store.fts.match({ version: fastify, terms: ['zebra'], limit: 3 });
    await store.vectors.stats();
    await store.vectors.audit();
  };
  try {
    await store.open();
    await read();
    expect(fingerprintOf(file)).toBeNull();
    await store.apply([page('/a', [chunk('zebra')])]);
    const before = fingerprintOf(file);
    await read();
    expect(fingerprintOf(file)).toEqual(before);
  } finally {
    await store.close();
  }
});

it('readers require a local file', () => {
  expect(() => connect('http://127.0.0.1:1?readers=2')).toThrow(
    expect.objectContaining({ code: 'STORAGE_CONNECTION_STRING' }),
  );
});
