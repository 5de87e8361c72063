import assert from 'node:assert/strict';
import type { FtsWeights, StorageBackend } from '@switchyard/storage-core';
import type { TestContext } from '../suite/context.js';
import { contractGroup } from '../suite/contract-test.js';
import { assertClose } from '../support/assertions.js';
import { chunk, fastify, under, write } from '../support/build.js';

const site = 'https://fastify.dev/docs';
/** Five chunks, called 1 to 5 below. */
const corpus = [
  [
    'Routes are declared with the route method. A route has a handler.',
    'Routes',
    `${site}/routes`,
    ['Guide', 'Routes'],
  ],
  ['Hooks run before the handler of a route.', 'Hooks', `${site}/hooks`, ['Guide', 'Hooks']],
  ['Logging is done by pino.', 'Logging', `${site}/logging`, ['Guide']],
  ['', '', `${site}/empty`, []],
  ['The reply is sent. Replying twice is an error.', 'Reply', `${site}/reply`, ['Guide', 'Reply']],
] as const;

const weights = (content: number, title: number, url: number, path: number): FtsWeights => ({
  content,
  title,
  url,
  path,
});

/** Results of SQLite's FTS5 for these queries on this corpus: chunk and −bm25, best first. */
const golden: readonly {
  readonly terms: readonly string[];
  readonly weights?: FtsWeights;
  readonly hits: readonly (readonly [chunk: number, score: number])[];
}[] = [
  {
    terms: ['route'],
    hits: [
      [1, 0.709818143009134],
      [2, 0.653426537700716],
    ],
  },
  {
    terms: ['route', 'handler'],
    hits: [
      [1, 1.348741995532769],
      [2, 1.306853075401432],
    ],
  },
  {
    terms: ['fastify'],
    hits: [
      [4, 0.0000019567979669631515],
      [3, 0.0000018117647058823529],
      [2, 0.0000017381489841986457],
      [5, 0.0000017206703910614526],
      [1, 0.0000016702819956616053],
    ],
  },
  {
    terms: ['before', 'the'],
    hits: [
      [2, 4.2669954465293545],
      [5, 0.0000019310344827586207],
      [1, 0.0000018988902589395808],
    ],
  },
  { terms: ['reply'], hits: [[5, 2.2983798220286795]] },
  { terms: ['hooks'], weights: weights(0, 1, 0, 0), hits: [[2, 1.0379527144471714]] },
  {
    terms: ['route', 'method'],
    weights: weights(1, 1, 1, 1),
    hits: [
      [1, 2.454961506264321],
      [2, 0.317894014967281],
    ],
  },
];

async function prepared(t: TestContext): Promise<{ backend: StorageBackend; nameOf: Map<number, number> }> {
  const backend = await t.open();
  const nameOf = new Map<number, number>();
  for (const [index, [content, title, url, path]] of corpus.entries()) {
    const { chunkIds } = await write(backend, fastify, { url, title }, [
      chunk(content, { metadata: under(path) }),
    ]);
    for (const id of chunkIds) nameOf.set(id, index + 1);
  }
  return { backend, nameOf };
}

async function assertGolden(backend: StorageBackend, nameOf: Map<number, number>): Promise<void> {
  for (const { terms, weights: given, hits } of golden) {
    const what = terms.join(' ');
    const actual = await backend.fts.match({ version: fastify, terms, limit: 9, weights: given });
    assert.deepEqual(
      actual.map(({ chunkId }) => nameOf.get(chunkId)),
      hits.map(([name]) => name),
      what,
    );
    for (const [i, { score }] of actual.entries()) assertClose(score, hits[i]?.[1] ?? Number.NaN, 1e-9, what);
  }
}

export const ftsScoreTests = contractGroup(
  'fts-scores',
  [
    [
      'golden',
      'scores are FTS5’s bm25: frequencies weighted by column, length over all columns',
      async (t) => {
        const { backend, nameOf } = await prepared(t);
        await assertGolden(backend, nameOf);
      },
    ],
    [
      'whole-store',
      'term rarity is counted over the whole store: other versions change the scores, not the hits',
      async (t) => {
        const { backend, nameOf } = await prepared(t);
        const score = async () =>
          (await backend.fts.match({ version: fastify, terms: ['hooks'], limit: 9 })).map((hit) => hit.score);
        const alone = await score();
        const other = { library: 'pino', version: '' };
        await write(
          backend,
          other,
          '/a',
          Array.from({ length: 30 }, () => chunk('nothing of interest')),
        );
        const rarer = await score();
        assert.equal(rarer.length, 1);
        assert.ok((rarer[0] ?? 0) > (alone[0] ?? 0), `${rarer} > ${alone}`);
        await write(
          backend,
          other,
          '/a',
          Array.from({ length: 30 }, () => chunk('hooks')),
        );
        const common = await score();
        assert.ok((common[0] ?? 0) < (alone[0] ?? 0), `${common} < ${alone}`);
        await backend.apply([{ kind: 'removeVersion', version: other }]);
        await assertGolden(backend, nameOf);
      },
    ],
    [
      'after-rewriting',
      'replaced and deleted chunks have no influence on scores',
      async (t) => {
        const { backend, nameOf } = await prepared(t);
        for (let round = 0; round < 3; round++) {
          await write(
            backend,
            fastify,
            '/extra',
            Array.from({ length: 9 }, () => chunk('route route handler reply')),
          );
          await write(backend, fastify, '/extra', [chunk('something else altogether')]);
        }
        await backend.apply([{ kind: 'deletePage', page: { version: fastify, url: '/extra' } }]);
        await assertGolden(backend, nameOf);
      },
    ],
    [
      'weights',
      'weights determine the order: a word in the title wins if the title weighs most',
      async (t) => {
        const backend = await t.open();
        const a = await write(backend, fastify, { url: '/a', title: 'zebra' }, [chunk('something')]);
        const b = await write(backend, fastify, { url: '/b', title: 'something' }, [chunk('zebra')]);
        await write(backend, fastify, '/c', [chunk('x')]);
        await write(backend, fastify, '/d', [chunk('y')]);
        const first = async (given?: FtsWeights) =>
          (await backend.fts.match({ version: fastify, terms: ['zebra'], limit: 9, weights: given }))[0]
            ?.chunkId;
        assert.equal(await first(), b.chunkIds[0]);
        assert.equal(await first(weights(1, 10, 1, 1)), a.chunkIds[0]);
        assert.equal(await first(weights(10, 1, 1, 1)), b.chunkIds[0]);
      },
    ],
  ],
  { capability: 'fts' },
  { ranking: 'fts5-bm25' },
);
