import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { chunk, openStore, page } from './support/store.js';
import { tempFile } from './support/temp.js';

const pino = { library: 'pino', version: '' } as const;
const vector = Float32Array.of(1, 4, 7, 10);

/** Stores as releases left them. They are never made again: each later release has to read, write and migrate them. */
describe.each(['level-1-file', 'level-1-server'])('the frozen store %s', (name) => {
  const unpack = () => {
    const file = tempFile(`${name}.db`);
    writeFileSync(file, gunzipSync(readFileSync(join(import.meta.dirname, 'frozen', `${name}.db.gz`))));
    return file;
  };

  it('is read and searched without being changed', async () => {
    const file = unpack();
    const before = readFileSync(file);
    const store = await openStore(file, { mustExist: true });
    const counts = { libraries: 2, versions: 2, pages: 6, chunks: 36, vectors: 36 };
    expect(await store.inspect()).toMatchObject({ schemaLevel: 1, counts });
    const profile = { model: 'frozen:four', dimension: 4, metric: 'cosine' };
    expect(await store.vectors.profile()).toEqual(profile);
    const hits = await store.fts.match({ version: pino, terms: ['zebra'], limit: 9 });
    expect(hits.map(({ chunkId }) => chunkId)).toEqual([25, 31, 37]);
    const nearest = await store.vectors.nearest({ version: pino, vector, limit: 3 });
    expect(nearest.map(({ chunkId }) => chunkId)).toEqual([25, 36, 33]);
    expect((await store.vectors.audit()).problems).toEqual([]);
    expect((await store.fts.audit()).problems).toEqual([]);
    const again = await store.vectors.reconcile({ model: 'frozen:four', dimension: 4 }, 'refuse');
    expect(again).toMatchObject({ outcome: 'unchanged', profile });
    await store.close();
    expect(readFileSync(file).equals(before)).toBe(true);
  });

  it('is migrated and written', async () => {
    const store = await openStore(unpack(), { mustExist: true });
    await store.migrator.migrate();
    expect((await store.migrator.status()).state).toBe('current');
    await store.apply([page('/new', [chunk('zebra', { vector })], pino)]);
    expect(await store.fts.match({ version: pino, terms: ['zebra'], limit: 9 })).toHaveLength(4);
    expect(await store.vectors.nearest({ version: pino, vector, limit: 99 })).toHaveLength(19);
  });
});
