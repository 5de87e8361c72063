import assert from 'node:assert/strict';
import type { FtsHit, FtsQuery, StorageBackend } from '@switchyard/storage-core';
import { contractGroup } from '../suite/contract-test.js';
import { rejectsAsMistake } from '../support/assertions.js';
import { chunk, fastify, replacePage, under, write } from '../support/build.js';

const maintained = { capability: 'ftsMaintenance' } as const;

function match(
  backend: StorageBackend,
  terms: readonly string[],
  more: Partial<FtsQuery> = {},
): Promise<readonly FtsHit[]> {
  return backend.fts.match({ version: fastify, terms, limit: 99, ...more });
}

/** The contents of the chunks that are found, best first. */
async function found(backend: StorageBackend, ...terms: string[]): Promise<string[]> {
  const hits = await match(backend, terms);
  const chunks = await backend.catalog.chunks(hits.map(({ chunkId }) => chunkId));
  return hits.map(({ chunkId }) => chunks.find(({ id }) => id === chunkId)?.content ?? '?');
}

const idsOf = (hits: readonly FtsHit[]): number[] => hits.map(({ chunkId }) => chunkId);

export const ftsTests = contractGroup('fts', [
  [
    'one-term',
    'one term finds the chunks that hold it, and no others',
    async (t) => {
      const backend = await t.open();
      await write(backend, fastify, '/a', [
        chunk('a zebra here'),
        chunk('nothing'),
        chunk('zebrafish'),
        chunk('the zebra'),
      ]);
      assert.deepEqual(new Set(await found(backend, 'zebra')), new Set(['a zebra here', 'the zebra']));
      assert.deepEqual(await found(backend, 'giraffe'), []);
    },
  ],
  [
    'any-of-several',
    'several terms find the chunks that hold any of them',
    async (t) => {
      const backend = await t.open();
      await write(backend, fastify, '/a', [
        chunk('zebra'),
        chunk('okapi'),
        chunk('quagga'),
        chunk('okapi and zebra'),
      ]);
      const hits = await found(backend, 'zebra', 'okapi');
      assert.deepEqual(new Set(hits), new Set(['zebra', 'okapi', 'okapi and zebra']));
    },
  ],
  [
    'phrase-first',
    'a chunk that holds all terms as a phrase stands before one that holds them apart',
    async (t) => {
      const backend = await t.open();
      await write(backend, fastify, '/a', [
        chunk('the handler of a route'),
        chunk('the route handler is'),
        chunk('nothing of that at all'),
        chunk('nothing of that either'),
        chunk('and nothing here too'),
      ]);
      assert.deepEqual(await found(backend, 'route', 'handler'), [
        'the route handler is',
        'the handler of a route',
      ]);
    },
  ],
  [
    'a-term-may-be-a-phrase',
    'a term of several words asks for them side by side, and one with punctuation for its parts',
    async (t) => {
      const backend = await t.open();
      await write(backend, fastify, '/a', [
        chunk('route of the handler'),
        chunk('route handler'),
        chunk('call app.listen now'),
        chunk('app does listen'),
      ]);
      assert.deepEqual(await found(backend, 'route handler'), ['route handler']);
      assert.deepEqual(await found(backend, 'app.listen'), ['call app.listen now']);
      assert.deepEqual(await found(backend, 'app-listen()'), ['call app.listen now']);
    },
  ],
  [
    'columns',
    'words are found in the content, the title of the page, its URL and the headings',
    async (t) => {
      const backend = await t.open();
      await write(backend, fastify, { url: 'https://example.org/okapi/page?x=quagga', title: 'The Zebra' }, [
        chunk('content of giraffe', { metadata: under(['Antelope', 'Grazing lands']) }),
      ]);
      await write(backend, fastify, '/other', [chunk('something else')]);
      for (const word of ['giraffe', 'zebra', 'okapi', 'quagga', 'antelope', 'grazing', 'example']) {
        assert.deepEqual(await found(backend, word), ['content of giraffe'], word);
      }
      assert.deepEqual(await found(backend, 'Antelope","Grazing'), ['content of giraffe']);
      assert.deepEqual(await found(backend, 'giraffe zebra'), [], 'no phrase reaches over two columns');
    },
  ],
  [
    'title-of-a-replaced-page',
    'after a page was replaced, its new title is found and its old one is not',
    async (t) => {
      const backend = await t.open();
      await write(backend, fastify, { url: '/a', title: 'Zebra' }, [chunk('x')]);
      await write(backend, fastify, { url: '/a', title: 'Okapi' }, [chunk('x')]);
      assert.deepEqual(await found(backend, 'zebra'), []);
      assert.deepEqual(await found(backend, 'okapi'), ['x']);
      await write(backend, fastify, '/a', [chunk('x')]);
      assert.deepEqual(await found(backend, 'okapi'), []);
    },
  ],
  [
    'folding',
    'case and the accents of Latin letters do not matter, in the text or in the term',
    async (t) => {
      const backend = await t.open();
      await write(backend, fastify, '/a', [chunk('Crème BRÛLÉE'), chunk('ЖУРНАЛ Ärger'), chunk('ΣΊΣΥΦΟΣ')]);
      for (const term of ['creme', 'CRÈME', 'crème', 'cre\u0300me', 'brulee', 'Brûlée']) {
        assert.deepEqual(await found(backend, term), ['Crème BRÛLÉE'], term);
      }
      for (const term of ['журнал', 'Журнал', 'arger', 'ÄRGER']) {
        assert.deepEqual(await found(backend, term), ['ЖУРНАЛ Ärger'], term);
      }
      assert.deepEqual(await found(backend, 'σίσυφος'), ['ΣΊΣΥΦΟΣ']);
    },
  ],
  [
    'stemming',
    'English words are found in their other forms, by Porter’s stemmer',
    async (t) => {
      const backend = await t.open();
      await write(backend, fastify, '/a', [
        chunk('configuring routes'),
        chunk('relational databases'),
        chunk('the hopping ponies'),
      ]);
      for (const [term, content] of [
        ['configure', 'configuring routes'],
        ['configuration', 'configuring routes'],
        ['route', 'configuring routes'],
        ['relate', 'relational databases'],
        ['database', 'relational databases'],
        ['hop', 'the hopping ponies'],
        ['poni', 'the hopping ponies'],
      ] as const) {
        assert.deepEqual(await found(backend, term), [content], term);
      }
      assert.deepEqual(await found(backend, 'routers'), []);
    },
  ],
  [
    'scripts',
    'words of any script and numbers are found; characters that are no letters separate words',
    async (t) => {
      const backend = await t.open();
      await write(backend, fastify, '/a', [
        chunk('文档 搜索'),
        chunk('שלום עולם'),
        chunk('v5.6.0 in 2024'),
        chunk('snake_case-and🚂train'),
        chunk('𝒜 𐐀'),
      ]);
      for (const [term, content] of [
        ['搜索', '文档 搜索'],
        ['עולם', 'שלום עולם'],
        ['2024', 'v5.6.0 in 2024'],
        ['5.6.0', ''],
        ['v5.6.0', 'v5.6.0 in 2024'],
        ['case', 'snake_case-and🚂train'],
        ['train', 'snake_case-and🚂train'],
        ['snake case and train', 'snake_case-and🚂train'],
      ] as const) {
        assert.deepEqual(await found(backend, term), content === '' ? [] : [content], term);
      }
    },
  ],
  [
    'operators-are-words',
    'words and signs that a query language would take for operators are plain words',
    async (t) => {
      const backend = await t.open();
      await write(backend, fastify, '/a', [
        chunk('zebra and okapi'),
        chunk('zebra not okapi'),
        chunk('zebra near okapi'),
        chunk('zebra'),
        chunk('content only'),
      ]);
      assert.deepEqual(await found(backend, 'NOT'), ['zebra not okapi']);
      assert.deepEqual(await found(backend, 'AND'), ['zebra and okapi']);
      assert.deepEqual(await found(backend, 'NEAR'), ['zebra near okapi']);
      assert.deepEqual(await found(backend, 'zebra NOT okapi'), ['zebra not okapi']);
      assert.deepEqual(await found(backend, 'content:only'), ['content only']);
      assert.deepEqual(await found(backend, 'onl*'), [], 'no prefix search');
      assert.equal((await found(backend, 'zebra', 'NOT', 'okapi')).length, 4);
      assert.equal((await found(backend, '^zebra')).length, 4);
      assert.equal((await found(backend, '-zebra')).length, 4);
      assert.equal((await found(backend, '{content}:zebra')).length, 0);
    },
  ],
  [
    'empty-terms',
    'no terms, and terms without a letter or digit, find nothing and do not disturb the others',
    async (t) => {
      const backend = await t.open();
      await write(backend, fastify, '/a', [chunk('zebra')]);
      for (const terms of [[], [''], [' '], ['!!!'], ['"'], ['""', '*', '()'], ['\u0301']]) {
        assert.deepEqual(await match(backend, terms), [], JSON.stringify(terms));
      }
      assert.deepEqual(await found(backend, '!!!', 'zebra', ''), ['zebra']);
    },
  ],
  [
    'one-version-only',
    'only chunks of the version are found, and its limit is filled',
    async (t) => {
      const backend = await t.open();
      const { chunkIds } = await write(backend, fastify, '/a', [
        chunk('a zebra among many other words'),
        chunk('one more zebra'),
      ]);
      for (const version of [
        { library: 'fastify', version: '4' },
        { library: 'pino', version: '5.6.0' },
      ]) {
        await write(
          backend,
          version,
          '/a',
          Array.from({ length: 20 }, () => chunk('zebra zebra')),
        );
      }
      assert.deepEqual(new Set(idsOf(await match(backend, ['zebra'], { limit: 2 }))), new Set(chunkIds));
      assert.deepEqual(
        await match(backend, ['zebra'], { version: { library: 'fastify', version: '9' } }),
        [],
      );
    },
  ],
  [
    'given-by-id',
    'a version given by its id is searched as one given by names',
    async (t) => {
      const backend = await t.open();
      const { versionId, chunkIds } = await write(backend, fastify, '/a', [chunk('zebra')]);
      assert.deepEqual(idsOf(await match(backend, ['zebra'], { version: { versionId } })), chunkIds);
    },
  ],
  [
    'ties-at-the-limit',
    'equal scores stand by chunk id, also at the limit',
    async (t) => {
      const backend = await t.open();
      const ids: number[] = [];
      for (const url of ['/c', '/a', '/b']) {
        ids.push(
          ...(
            await write(
              backend,
              fastify,
              url,
              Array.from({ length: 8 }, () => chunk('zebra here')),
            )
          ).chunkIds,
        );
      }
      await write(backend, fastify, '/best', [chunk('quagga')]);
      ids.sort((a, b) => a - b);
      for (const limit of [1, 3, 8, 20, 24]) {
        const hits = await match(backend, ['zebra'], { limit });
        assert.deepEqual(idsOf(hits), ids.slice(0, limit), `limit ${limit}`);
        assert.equal(new Set(hits.map(({ score }) => score)).size, 1);
      }
    },
  ],
  [
    'ties-with-given-ids',
    'equal scores stand by id also when the ids were given in descending order',
    async (t) => {
      const backend = await t.open();
      await write(
        backend,
        fastify,
        '/a',
        [90, 70, 80, 10, 60].map((id) => chunk('zebra', { id })),
      );
      assert.deepEqual(idsOf(await match(backend, ['zebra'], { limit: 3 })), [10, 60, 70]);
    },
    { capability: 'assignedIds' },
  ],
  [
    'limits',
    'a limit of 0 gives nothing, of 1 the best, and one beyond what there is gives everything',
    async (t) => {
      const backend = await t.open();
      await write(backend, fastify, '/a', [
        chunk('zebra and a few other words'),
        chunk('zebra zebra'),
        chunk('nothing'),
      ]);
      const all = idsOf(await match(backend, ['zebra']));
      assert.equal(all.length, 2);
      for (const limit of [0, 1, 2, 3, 1000, 2 ** 31, Number.MAX_SAFE_INTEGER]) {
        assert.deepEqual(
          idsOf(await match(backend, ['zebra'], { limit })),
          all.slice(0, limit),
          `limit ${limit}`,
        );
      }
    },
  ],
  [
    'bad-queries',
    'a limit that is no whole number from 0 and a weight that is no finite number are TypeErrors',
    async (t) => {
      const backend = await t.open();
      for (const limit of [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY]) {
        await rejectsAsMistake(() => match(backend, ['a'], { limit }), `limit ${limit}`);
      }
      for (const title of [Number.NaN, Number.POSITIVE_INFINITY]) {
        const weights = { content: 1, title, url: 1, path: 1 };
        await rejectsAsMistake(() => match(backend, ['a'], { weights }), `weight ${title}`);
      }
    },
  ],
  [
    'exclude-structural',
    'structural chunks are left out before the limit is applied when that is asked for, and found otherwise',
    async (t) => {
      const backend = await t.open();
      const structural = under([], ['heading', 'structural']);
      const { chunkIds } = await write(backend, fastify, '/a', [
        chunk('zebra zebra zebra', { metadata: structural }),
        chunk('zebra zebra', { metadata: structural }),
        chunk('zebra in a longer text', { metadata: under(['Structural'], ['text']) }),
        chunk('zebra in an even longer text', {
          metadata: { ...under([], ['unstructural']), note: 'structural' },
        }),
      ]);
      assert.deepEqual(
        idsOf(await match(backend, ['zebra'], { limit: 2, excludeStructural: true })),
        chunkIds.slice(2),
      );
      assert.deepEqual(idsOf(await match(backend, ['zebra'], { limit: 2 })), chunkIds.slice(0, 2));
      assert.equal((await match(backend, ['zebra'], { excludeStructural: false })).length, 4);
    },
  ],
  [
    'rebuild',
    'rebuilding the full-text index changes nothing that can be found',
    async (t) => {
      const backend = await t.open();
      await write(backend, fastify, { url: '/a', title: 'Zebra' }, [
        chunk('zebra'),
        chunk('okapi', { metadata: under(['Zebra']) }),
      ]);
      await write(backend, fastify, '/gone', [chunk('zebra')]);
      await backend.apply([{ kind: 'deletePage', page: { version: fastify, url: '/gone' } }]);
      const before = await match(backend, ['zebra', 'okapi']);
      await backend.fts.rebuild();
      assert.deepEqual(await match(backend, ['zebra', 'okapi']), before);
    },
    maintained,
  ],
  [
    'audit',
    'the audit of a sound store looks at its chunks and finds no problem, after every kind of write',
    async (t) => {
      const backend = await t.open();
      await write(backend, fastify, { url: '/a', title: 'Zebra' }, [chunk('zebra'), chunk('')]);
      await backend.apply([
        replacePage(fastify, { url: '/a', title: 'Okapi' }, [chunk('okapi'), chunk('quagga')]),
        replacePage({ library: 'pino', version: '' }, '/b', [chunk('zebra')]),
        { kind: 'deletePages', version: { library: 'pino', version: '' } },
      ]);
      const { checked, problems } = await backend.fts.audit();
      assert.deepEqual(problems, []);
      assert.ok(checked >= 2, `${checked} checked`);
    },
    maintained,
  ],
]);
