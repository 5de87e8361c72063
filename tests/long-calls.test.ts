import { mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { libsqlModule } from '@switchyard/backend-libsql/module';
import { sqliteVecModule } from '@switchyard/backend-sqlite-vec/module'; // @legacy
import { createContainer } from '@switchyard/storage-container';
import type { EmbeddingProfile, Mutation, StorageBackend } from '@switchyard/storage-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seededRandom } from './support/random.mjs';

const folder = mkdtempSync(join(tmpdir(), 'switchyard-long-calls-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const DIMENSION = 768;
const profile: EmbeddingProfile = { model: 'first', dimension: DIMENSION, metric: 'l2' };
const modules = [
  libsqlModule,
  sqliteVecModule, // @legacy
];
const container = createContainer({ modules });

/** A version of 1,600 chunks: more than 4 MiB in either store. */
function pages(random: () => number): Mutation[] {
  return Array.from({ length: 40 }, (_, page) => ({
    kind: 'replacePage',
    version: { library: 'lib', version: '1' },
    page: { url: `https://example.org/${page}`, title: `Page ${page}` },
    chunks: Array.from({ length: 40 }, (_, chunk) => ({
      content: `Text ${chunk} of page ${page}.`,
      metadata: { types: ['text'], level: 1, path: [] },
      vector: Float32Array.from({ length: DIMENSION }, () => random() - 0.5),
    })),
  }));
}

/** Turns of the event loop while a call runs; a synchronous call has at most a few. */
async function turnsDuring(call: () => Promise<unknown>): Promise<number> {
  let turns = 0;
  let isPending = true;
  const count = (): void => {
    turns += 1;
    if (isPending) setImmediate(count);
  };
  setImmediate(count);
  await call().finally(() => {
    isPending = false;
  });
  return turns;
}

describe.each([
  { kind: 'libSQL', scheme: '' },
  { kind: 'legacy', scheme: 'sqlite-vec:' }, // @legacy
])('a long call on a large $kind file', ({ kind, scheme }) => {
  let backend: StorageBackend;
  beforeAll(async () => {
    backend = container.createBackend(`${scheme}${join(folder, `${kind}.db`)}`);
    await backend.open();
    await backend.vectors.reconcile(profile, 'refuse');
    for (const mutation of pages(seededRandom())) await backend.apply([mutation]);
  });
  afterAll(() => backend.close());

  const calls: readonly [string, (store: StorageBackend) => Promise<unknown>][] = [
    ['vectors.audit', ({ vectors }) => vectors.audit()],
    ['vectors.rebuild', ({ vectors }) => vectors.rebuild()],
    ['fts.audit', ({ fts }) => fts.audit()],
    ['fts.rebuild', ({ fts }) => fts.rebuild()],
  ];

  it.each(calls)('%s leaves the event loop free', async (_, call) => {
    expect(await turnsDuring(() => call(backend))).toBeGreaterThan(20);
  });

  it('finds no problem in a sound store, and the store is used as before', async () => {
    expect(await backend.vectors.audit()).toEqual({ checked: 1_600, problems: [] });
    expect(await backend.fts.audit()).toEqual({ checked: 1_600, problems: [] });
    const stats = await backend.vectors.stats();
    expect(stats).toEqual({ indexed: 1_600, without: 0, unusable: 0 });
    const hits = await backend.fts.match({
      version: { library: 'lib', version: '1' },
      terms: ['page'],
      limit: 3,
    });
    expect(hits).toHaveLength(3);
  });

  it('ends on a signal, and is refused after closing', async () => {
    const abort = new AbortController();
    const auditing = backend.vectors.audit({ signal: abort.signal });
    setImmediate(() => abort.abort());
    await expect(auditing).rejects.toMatchObject({ code: 'STORAGE_ABORTED' });
    const closed = container.createBackend(`${scheme}${join(folder, `${kind}.db`)}`);
    await expect(closed.vectors.audit()).rejects.toMatchObject({ code: 'STORAGE_CLOSED' });
  });

  it('is refused when another file took the place of the store, which stays as it is', async () => {
    const [path, taken] = [join(folder, `${kind}-replaced.db`), join(folder, `${kind}-other.db`)];
    const [open, other] = [path, taken].map((file) => container.createBackend(scheme + file)) as [
      StorageBackend,
      StorageBackend,
    ];
    const all = pages(seededRandom());
    for (const [store, count] of [
      [open, all.length],
      [other, 1],
    ] as const) {
      await store.open();
      await store.vectors.reconcile(profile, 'refuse');
      for (const mutation of all.slice(0, count)) await store.apply([mutation]);
    }
    await other.close();
    renameSync(taken, path);
    const bytes = readFileSync(path);
    const replaced = { code: 'STORAGE_FILE_REPLACED', outcome: 'not-applied' };
    for (const [, call] of calls) await expect(call(open)).rejects.toMatchObject(replaced);
    await expect(open.maintenance?.check({ scope: 'full' })).rejects.toMatchObject(replaced);
    await expect(open.maintenance?.repair()).rejects.toMatchObject(replaced);
    await expect(open.maintenance?.reclaim()).rejects.toMatchObject(replaced);
    expect(readFileSync(path).equals(bytes)).toBe(true);
    await expect(open.close()).rejects.toMatchObject({ code: 'STORAGE_FILE_REPLACED' });
  });

  it('replaces all vectors at the end of a re-embedding, seen by the store that asked for it', async () => {
    const { staging } = backend;
    if (staging === undefined) throw new TypeError('Both backends stage vectors.');
    const next: EmbeddingProfile = { ...profile, model: 'second' };
    await staging.begin(next);
    for (let after = 0; ; ) {
      const chunks = await staging.missing({ after, limit: 200 });
      const last = chunks.at(-1);
      if (last === undefined) break;
      const values = new Float32Array(DIMENSION).fill(1);
      await staging.stage({
        profile: next,
        vectors: chunks.map(({ chunkId }) => ({ chunkId, values })),
      });
      after = last.chunkId;
    }
    let result: unknown;
    const turns = await turnsDuring(async () => {
      result = await staging.commit(next);
    });
    expect(turns).toBeGreaterThan(20);
    expect(result).toMatchObject({ profile: next, previous: profile, vectors: 1_600, givenUp: 0 });
    expect(await backend.vectors.profile()).toEqual(next);
    const [nearest] = await backend.vectors.nearest({
      version: { library: 'lib', version: '1' },
      vector: new Float32Array(DIMENSION).fill(1),
      limit: 1,
    });
    expect(nearest?.distance).toBe(0);
  });
});
