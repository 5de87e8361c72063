import assert from 'node:assert/strict';
import type { StorageBackend, VersionRef } from '@switchyard/storage-core';
import { type CandidateRequest, type Candidates, fuse, mergeFtsHits } from '@switchyard/storage-core/backend';
import type { TestContext } from '../suite/context.js';
import { contractGroup } from '../suite/contract-test.js';
import { rejectsAsMistake } from '../support/assertions.js';
import { chunk, fastify, under, vector, write } from '../support/build.js';
import { ranksAsFts5 } from '../support/declared.js';

const declared = { capability: 'candidates' } as const;
const older: VersionRef = { library: 'fastify', version: '4.0.0' };
const pino: VersionRef = { library: 'pino', version: '' };
/** Holds the chunks of all others once more, in the same order. */
const together: VersionRef = { library: 'together', version: '1' };
const unknown: VersionRef = { library: 'unknown', version: '1' };
const query = vector(1, 0.5, 0, 0);

async function prepared(t: TestContext): Promise<StorageBackend> {
  const backend = await t.open();
  const animals = ['zebra', 'okapi', 'quagga', 'zebra okapi', 'giraffe'];
  const versions = [fastify, older, pino];
  const pages = [0, 1, 2, 3, 4, 5, 6].map((page) => ({
    version: versions[page % 3] ?? fastify,
    url: `/page-${page}`,
    chunks: animals.map((animal, i) =>
      // The first two pages have equal vectors and texts, for ties across versions; the number is not searched.
      chunk(`${animal} ${'and more '.repeat(page < 2 ? 0 : page)} n${page}x${i}`, {
        vector: i === 2 ? null : vector(1 + (page < 2 ? 0 : page), i, i * (page % 2), 1),
        metadata: under([], i === 1 ? ['structural'] : ['text']),
      }),
    ),
  }));
  for (const { version, url, chunks } of pages) await write(backend, version, url, chunks);
  for (const { url, chunks } of pages) await write(backend, together, url, chunks);
  return backend;
}

function ask(backend: StorageBackend, request: Partial<CandidateRequest> = {}): Promise<Candidates> {
  assert.ok(backend.candidates !== undefined, 'candidates is declared, so the method must be there');
  return backend.candidates({
    versions: [fastify, older, pino],
    vector: { values: query, limit: 13 },
    fts: { terms: ['zebra', 'okapi'], limit: 9 },
    fusion: { limit: 7 },
    ...request,
  });
}

/** Replaces the ids of an answer with the texts of the chunks, which both copies of a chunk share. */
async function asTexts(backend: StorageBackend, { vector: near, fts, structural, fused }: Candidates) {
  const hits = [...near, ...fts, ...fused].map(({ chunkId }) => chunkId);
  const rows = await backend.catalog.chunks([...new Set(hits)]);
  const texts = new Map(rows.map((row) => [row.id, row.content]));
  const text = ({ chunkId }: { readonly chunkId: number }) => texts.get(chunkId);
  // Without distances, which may differ by rounding.
  return {
    vector: near.map(text),
    fts: fts.map((hit) => [text(hit), hit.score]),
    structural: new Set(structural.map((id) => texts.get(id))),
    fused: fused.map((hit) => [text(hit), hit.score, hit.vecRank, hit.ftsRank, hit.ftsScore]),
  };
}

/**
 * Asserts that several versions are searched as one. With a ranking of its own, whose statistics may be those of a
 * version, the full-text list is that of the versions' lists merged by score.
 */
async function assertAsOne(
  backend: StorageBackend,
  request: Partial<CandidateRequest>,
  what: string,
): Promise<Candidates> {
  const found = await ask(backend, request);
  const texts = await asTexts(backend, found);
  const expected = await asTexts(backend, await ask(backend, { ...request, versions: [together] }));
  if (ranksAsFts5(backend)) {
    assert.deepEqual(texts, expected, what);
    return found;
  }
  assert.deepEqual(texts.vector, expected.vector, what);
  const { filter, fts = { terms: ['zebra', 'okapi'], limit: 9 } } = request;
  const lists = [];
  for (const version of [fastify, older, pino])
    lists.push(await backend.fts.match({ version, filter, ...fts }));
  assert.deepEqual(found.fts, mergeFtsHits(lists, fts.limit), what);
  const members = async (versions: readonly VersionRef[]) => {
    const all = await ask(backend, { ...request, versions, fts: { ...fts, limit: 1_000 } });
    return new Set((await asTexts(backend, all)).fts.map(([text]) => text));
  };
  assert.deepEqual(await members([fastify, older, pino]), await members([together]), what);
  return found;
}

export const candidatesOfManyTests = contractGroup('candidates-of-many', [
  [
    'as-one-version',
    'several versions are searched as one version that holds all their chunks, at every limit',
    async (t) => {
      const backend = await prepared(t);
      for (const limit of [1, 3, 9, 1_000]) {
        const request = {
          vector: { values: query, limit: limit * 2 },
          fts: { terms: ['zebra', 'okapi'], limit },
          fusion: { limit },
        };
        const {
          structural,
          fused,
          vector: near,
          fts,
        } = await assertAsOne(backend, request, `limit ${limit}`);
        assert.deepEqual(fused, fuse(near, fts, new Set(structural)).slice(0, limit));
      }
    },
    declared,
  ],
  [
    'version-ids',
    'the id of each version is returned in order; null for unknown names, which contribute nothing',
    async (t) => {
      const backend = await prepared(t);
      const idOf = async (version: VersionRef) => (await backend.catalog.version(version))?.id ?? null;
      const versions = [unknown, pino, fastify];
      const { versionIds, ...found } = await ask(backend, { versions });
      assert.deepEqual(versionIds, [null, await idOf(pino), await idOf(fastify)]);
      const { versionIds: _, ...expected } = await ask(backend, { versions: [fastify, pino] });
      assert.deepEqual(
        await asTexts(backend, { versionIds: [], ...found }),
        await asTexts(backend, { versionIds: [], ...expected }),
      );
    },
    declared,
  ],
  [
    'repeated-versions',
    'a version that is asked for twice, by any names or by its id, is searched once',
    async (t) => {
      const backend = await prepared(t);
      const versionId = (await backend.catalog.version(fastify))?.id ?? 0;
      const versions = [fastify, { library: 'FASTIFY', version: '5.6.0' }, { versionId }];
      const { versionIds, ...found } = await ask(backend, { versions });
      assert.deepEqual(versionIds, [versionId, versionId, versionId]);
      const { versionIds: _, ...expected } = await ask(backend, { versions: [fastify] });
      assert.deepEqual(found.fused, expected.fused);
      assert.deepEqual(found.vector, expected.vector);
      assert.deepEqual(found.fts, expected.fts);
    },
    declared,
  ],
  [
    'no-versions',
    'without any version there are no candidates',
    async (t) => {
      const backend = await prepared(t);
      const nothing = { versionIds: [], vector: [], fts: [], structural: [], fused: [], rows: [] };
      assert.deepEqual(await ask(backend, { versions: [] }), nothing);
    },
    declared,
  ],
  [
    'rows',
    'rows are complete records of fused hits, of every version',
    async (t) => {
      const backend = await prepared(t);
      const { rows } = await ask(backend, { fusion: { limit: 50 } });
      const records = await backend.catalog.chunks(rows.map(({ id }) => id));
      assert.ok(new Set(records.map(({ versionId }) => versionId)).size === 3);
      for (const row of rows)
        assert.deepEqual(
          row,
          records.find(({ id }) => id === row.id),
        );
    },
    declared,
  ],
  [
    'filtered',
    'a filter applies to every version, before the limit',
    async (t) => {
      const backend = await prepared(t);
      const request = { filter: { urlPrefix: '/page-6' }, fts: { terms: ['zebra', 'okapi'], limit: 2 } };
      const found = await assertAsOne(backend, request, 'filtered');
      assert.ok(found.fts.length === 2 && found.vector.length === 4);
    },
    declared,
    { capability: 'filters' },
  ],
  [
    'full-text-only',
    'a request without a vector has an empty vector list, and ranks and rows as ever, also in a store without a profile',
    async (t) => {
      const backend = await prepared(t);
      const request = { vector: null, fts: { terms: ['zebra', 'okapi'], limit: 9 } };
      const found = await ask(backend, request);
      const { fts, structural, fused } = found;
      const asked = await ask(backend, { vector: { values: query, limit: 0 } });
      assert.deepEqual(found, asked);
      assert.deepEqual(fused, fuse([], fts, new Set(structural)).slice(0, 7));
      const excluding = await ask(backend, { ...request, fts: { ...request.fts, excludeStructural: true } });
      assert.deepEqual(excluding.structural, []);
      assert.equal(excluding.fts.length, 9);
      const plain = await t.open({ profile: false });
      await write(plain, pino, '/a', [chunk('zebra')]);
      assert.equal((await ask(plain, request)).fused.length, 1);
    },
    declared,
  ],
  [
    'mistakes',
    'versions that are not a list of references are a TypeError',
    async (t) => {
      const backend = await prepared(t);
      for (const versions of [undefined, fastify, [null], ['fastify'], [fastify, { versionId: 0 }]]) {
        await rejectsAsMistake(
          () => ask(backend, { versions: versions as unknown as readonly VersionRef[] }),
          JSON.stringify(versions) ?? 'undefined',
        );
      }
    },
    declared,
  ],
]);
