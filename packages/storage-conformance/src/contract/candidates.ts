import assert from 'node:assert/strict';
import type { SearchMode, StorageBackend } from '@switchyard/storage-core';
import { type CandidateRequest, type Candidates, fuse, isStructural } from '@switchyard/storage-core/backend';
import type { TestContext } from '../suite/context.js';
import { contractGroup } from '../suite/contract-test.js';
import { rejects, rejectsAsMistake } from '../support/assertions.js';
import { chunk, fastify, under, vector, write } from '../support/build.js';

const declared = { capability: 'candidates' } as const;

type Change = Partial<Omit<CandidateRequest, 'vector' | 'fts'>> & {
  readonly vector?: Partial<NonNullable<CandidateRequest['vector']>>;
  readonly fts?: Partial<CandidateRequest['fts']>;
};

function ask(backend: StorageBackend, change: Change = {}): Promise<Candidates> {
  assert.ok(backend.candidates !== undefined, 'candidates is declared, so the method must be there');
  return backend.candidates({
    versions: [fastify],
    fusion: { limit: 5 },
    ...change,
    vector: { values: vector(1, 0.5, 0, 0), limit: 12, ...change.vector },
    fts: { terms: ['zebra', 'okapi'], limit: 6, ...change.fts },
  });
}

async function prepared(t: TestContext): Promise<StorageBackend> {
  const backend = await t.open();
  const animals = ['zebra', 'okapi', 'quagga', 'zebra okapi', 'giraffe'];
  for (let page = 0; page < 6; page++) {
    await write(
      backend,
      fastify,
      { url: `/page-${page}`, title: `Page ${page}`, contentType: 'text/markdown' },
      animals.map((animal, i) =>
        chunk(`${animal} ${'and more '.repeat(page)}`, {
          vector: i === 2 ? null : vector(page + 1, i, page * i, 1),
          metadata: under([`Page ${page}`], i === 1 ? ['structural'] : ['text']),
        }),
      ),
    );
  }
  await write(backend, { library: 'pino', version: '' }, '/a', [
    chunk('zebra okapi', { vector: vector(1, 0.5, 0, 0) }),
  ]);
  return backend;
}

/** Asserts that the lists equal those of the individual calls. */
async function assertSameAsSingleCalls(backend: StorageBackend, change: Change = {}): Promise<void> {
  const { vector: near, fts, structural, rows } = await ask(backend, change);
  const [version = fastify] = change.versions ?? [];
  const { values, limit } = { values: vector(1, 0.5, 0, 0), limit: 12, ...change.vector };
  const query = { terms: ['zebra', 'okapi'], limit: 6, ...change.fts };
  assert.deepEqual(near, await backend.vectors.nearest({ version, vector: values, limit }));
  assert.deepEqual(fts, await backend.fts.match({ version, ...query }));
  const ids = [...new Set([...near, ...fts].map(({ chunkId }) => chunkId))];
  const records = await backend.catalog.chunks(ids);
  const expected = records.filter(({ metadata }) => isStructural(metadata)).map(({ id }) => id);
  assert.deepEqual(new Set(structural), new Set(expected));
  assert.equal(new Set(rows.map(({ id }) => id)).size, rows.length, 'each row once');
  for (const row of rows)
    assert.deepEqual(
      row,
      records.find(({ id }) => id === row.id),
    );
}

export const candidateTests = contractGroup('candidates', [
  [
    'same-as-single-calls',
    'both lists equal those of nearest() and match(); structural chunks are listed; rows are complete records',
    async (t) => assertSameAsSingleCalls(await prepared(t)),
    declared,
  ],
  [
    'limits',
    'each list has its own limit: 0, 1, or more than there are hits',
    async (t) => {
      const backend = await prepared(t);
      for (const [near, fts] of [
        [0, 3],
        [3, 0],
        [0, 0],
        [1, 1],
        [1000, 1000],
      ] as const) {
        await assertSameAsSingleCalls(backend, { vector: { limit: near }, fts: { limit: fts } });
      }
    },
    declared,
  ],
  [
    'weights-and-fusion',
    'weights change the full-text list; the fusion settings change neither list',
    async (t) => {
      const backend = await prepared(t);
      await assertSameAsSingleCalls(backend, {
        fts: { weights: { content: 1, title: 50, url: 0, path: 2 } },
      });
      for (const fusion of [
        { limit: 1 },
        { limit: 100 },
        { limit: 3, rule: 'reciprocal-rank' as const },
        { limit: 3, vectorWeight: 0, ftsWeight: 2 },
      ]) {
        await assertSameAsSingleCalls(backend, { fusion });
      }
    },
    declared,
  ],
  [
    'fused',
    'the fused hits are those of both lists without structural chunks, cut at the limit of the fusion',
    async (t) => {
      const backend = await prepared(t);
      for (const fusion of [
        { limit: 0 },
        { limit: 5 },
        { limit: 100 },
        { limit: 7, rule: 'reciprocal-rank' as const },
        { limit: 7, vectorWeight: 0.2, ftsWeight: 3 },
      ]) {
        for (const change of [{ fusion }, { fusion, vector: { limit: 0 } }, { fusion, fts: { limit: 0 } }]) {
          const { vector: near, fts, structural, fused } = await ask(backend, change);
          assert.deepEqual(fused, fuse(near, fts, new Set(structural), fusion).slice(0, fusion.limit));
        }
      }
    },
    declared,
  ],
  [
    'context',
    'with a context, relatives that come with the fused hits equal those of relatives(); the lists do not change',
    async (t) => {
      const backend = await prepared(t);
      const context = { parent: true, children: 2, precedingSiblings: 1, subsequentSiblings: 2 };
      for (const change of [
        {},
        { fusion: { limit: 1 } },
        { fusion: { limit: 100 }, filter: backend.capabilities.filters ? { types: ['text'] } : undefined },
        { vector: { limit: 0 } },
        { versions: [fastify, { library: 'pino', version: '' }] },
      ]) {
        const { rows: _, ...plain } = await ask(backend, change);
        assert.equal(plain.relatives, undefined);
        for (const asked of [context, { subsequentSiblings: 9 }, {}]) {
          const { relatives = [], rows, ...lists } = await ask(backend, { ...change, context: asked });
          assert.deepEqual(lists, plain);
          const chunkIds = relatives.map(({ chunk }) => chunk.id);
          const fused = new Set(lists.fused.map(({ chunkId }) => chunkId));
          assert.equal(new Set(chunkIds).size, chunkIds.length, 'each hit once');
          assert.ok(chunkIds.every((id) => fused.has(id)));
          assert.deepEqual(relatives, await backend.catalog.relatives({ ...asked, chunkIds }));
          for (const row of rows) assert.deepEqual([row], await backend.catalog.chunks([row.id]));
        }
      }
      await rejectsAsMistake(() => ask(backend, { context: { children: -1 } }), 'a negative limit');
    },
    declared,
  ],
  [
    'blank-words',
    'without terms the full-text list is empty and the vector list is not',
    async (t) => {
      const backend = await prepared(t);
      for (const terms of [[], ['!!!']]) {
        const { vector: near, fts } = await ask(backend, { fts: { terms } });
        assert.deepEqual(fts, []);
        assert.equal(near.length, 12);
      }
    },
    declared,
  ],
  [
    'unknown-version',
    'an unknown version has no candidates',
    async (t) => {
      const backend = await prepared(t);
      const nothing = { versionIds: [null], vector: [], fts: [], structural: [], fused: [], rows: [] };
      assert.deepEqual(await ask(backend, { versions: [{ library: 'fastify', version: '' }] }), nothing);
      const { versionIds, ...byId } = await ask(backend, { versions: [{ versionId: 987_654 }] });
      assert.equal(versionIds.length, 1);
      assert.deepEqual({ versionIds: [null], ...byId }, nothing);
    },
    declared,
  ],
  [
    'refusals',
    'bad vectors, bad limits and undeclared modes are rejected as in the individual calls',
    async (t) => {
      const backend = await prepared(t);
      const values = (...components: number[]) => ({ vector: { values: vector(...components) } });
      await rejects(() => ask(backend, values(1, Number.NaN, 0, 0)), 'STORAGE_INVALID_VECTOR');
      await rejects(() => ask(backend, values(1, 0, 0)), 'STORAGE_DIMENSION_MISMATCH');
      for (const limit of [-1, Number.NaN]) {
        await rejectsAsMistake(() => ask(backend, { vector: { limit } }), `vector limit ${limit}`);
        await rejectsAsMistake(() => ask(backend, { fts: { limit } }), `fts limit ${limit}`);
      }
      for (const mode of ['cascade', 'diskann'] as unknown as readonly SearchMode[]) {
        if (backend.capabilities.searchModes.includes(mode)) continue;
        await rejects(() => ask(backend, { vector: { mode } }), 'STORAGE_NOT_SUPPORTED', mode);
      }
    },
    declared,
  ],
  [
    'one-state',
    'both lists and the rows reflect a single state of the store despite concurrent writes',
    async (t) => {
      const backend = await t.open();
      const state = (round: number) =>
        write(
          backend,
          fastify,
          '/a',
          Array.from({ length: 4 }, () => chunk(`zebra ${round}`, { vector: vector(1, round, 0, 0) })),
        );
      await state(0);
      const calls: Promise<unknown>[] = [];
      for (let round = 1; round < 10; round++) {
        calls.push(state(round));
        calls.push(
          ask(backend).then(({ vector: near, fts, fused, rows }) => {
            const ids = (hits: readonly { readonly chunkId: number }[]) =>
              new Set(hits.map(({ chunkId }) => chunkId));
            assert.deepEqual(ids(near), ids(fts));
            assert.equal(near.length, 4);
            assert.equal(fused.length, 4);
            assert.ok(new Set(rows.map(({ content }) => content)).size <= 1);
          }),
        );
      }
      await Promise.all(calls);
    },
    declared,
  ],
]);
