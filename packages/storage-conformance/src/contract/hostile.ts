import assert from 'node:assert/strict';
import { parseSearchText } from '@switchyard/storage-core';
import { normalizeLibraryName, normalizeVersionName, wellFormed } from '@switchyard/storage-core/backend';
import fc from 'fast-check';
import { contractGroup } from '../suite/contract-test.js';
import { anyText, asStored, assertSameText, fragments } from '../support/any-text.js';
import { chunk, fastify, replacePage, resolve, under, vector, write } from '../support/build.js';
import { assertMatches } from '../support/declared.js';

const anyUrl = anyText.filter((text) => text !== '');
/** Lower-casing before and after storing must agree, which fails for names in which a lone surrogate is replaced. */
const anyName = anyText.map(asStored);

export const hostileTests = contractGroup('hostile', [
  [
    'pairs',
    'awkward characters are kept at the beginning and end and next to each other: NUL, BOM, quotes, …',
    async (t) => {
      const backend = await t.open();
      const contents = fragments.flatMap((first) => fragments.map((second) => `${first}x${second}`));
      await backend.apply([
        replacePage(
          fastify,
          '/contents',
          contents.map((content) => chunk(content)),
        ),
        ...fragments.map((piece, i) =>
          replacePage(fastify, { url: `${piece}${i}`, title: `${piece}\0y`, etag: `y\0${piece}` }, [
            chunk('z'),
          ]),
        ),
      ]);
      const records = await backend.catalog.chunksByUrl(fastify, '/contents');
      assert.equal(records.length, contents.length);
      for (const [i, { content }] of records.entries()) {
        assertSameText(content, contents[i] ?? '', JSON.stringify(contents[i]));
      }
      for (const [i, piece] of fragments.entries()) {
        const page = await backend.catalog.page({ version: fastify, url: `${piece}${i}` });
        const what = `column with ${JSON.stringify(piece)}`;
        assertSameText(page?.url, `${piece}${i}`, what);
        assertSameText(page?.title, `${piece}\0y`, what);
        assertSameText(page?.etag, `y\0${piece}`, what);
      }
    },
  ],
  [
    'content',
    'any text as chunk content is kept to the last character',
    async (t) => {
      const backend = await t.open();
      await t.check(fc.array(anyText, { minLength: 1, maxLength: 8 }), async (contents) => {
        await write(
          backend,
          fastify,
          '/a',
          contents.map((content) => chunk(content)),
        );
        const records = await backend.catalog.chunksByUrl(fastify, '/a');
        assert.equal(records.length, contents.length);
        for (const [i, { content }] of records.entries())
          assertSameText(content, contents[i] ?? '', `chunk ${i}`);
      });
    },
  ],
  [
    'metadata',
    'any types, headings and additional metadata keys are kept',
    async (t) => {
      const backend = await t.open();
      const metadata = fc.record({
        types: fc.array(anyText.map(asStored), { maxLength: 3 }),
        level: fc.integer({ min: 0, max: 9 }),
        path: fc.array(anyText.map(asStored), { maxLength: 4 }),
        extra: fc.jsonValue({ maxDepth: 3 }),
      });
      await t.check(metadata, async (given) => {
        const expected: unknown = wellFormed(JSON.parse(JSON.stringify(given)));
        await write(backend, fastify, '/a', [chunk('x', { metadata: JSON.parse(JSON.stringify(given)) })]);
        const [record] = await backend.catalog.chunksByUrl(fastify, '/a');
        assert.deepEqual(record?.metadata, expected);
      });
    },
  ],
  [
    'pages',
    'any text as URL, title, etag or content type is kept, and the page is found by its URL',
    async (t) => {
      const backend = await t.open();
      await t.check(fc.tuple(anyUrl, anyText, anyText, anyText), async ([url, title, etag, contentType]) => {
        const { pageId } = await write(backend, fastify, { url, title, etag, contentType }, [chunk('x')]);
        const page = await backend.catalog.page({ version: fastify, url });
        assert.equal(page?.id, pageId);
        for (const [actual, given] of [
          [page.url, url],
          [page.title, title],
          [page.etag, etag],
          [page.contentType, contentType],
        ]) {
          assertSameText(actual, given ?? '', 'column');
        }
        const [record] = await backend.catalog.chunksByUrl(fastify, url);
        assertSameText(record?.title, title, 'title of the chunk');
        const again = await write(backend, fastify, url, [chunk('y')]);
        assert.deepEqual([again.pageId, again.chunksReplaced], [pageId, 1]);
        await backend.apply([{ kind: 'deletePage', page: { pageId } }]);
      });
    },
  ],
  [
    'names',
    'any text as library or version name is found again, in lower case and under no other name',
    async (t) => {
      const backend = await t.open();
      const library = anyName.filter((name) => name !== '');
      await t.check(fc.tuple(library, anyName), async ([name, version]) => {
        const { versionId, libraryId } = await resolve(backend, name, version);
        assert.equal((await resolve(backend, name, version)).versionId, versionId);
        const record = await backend.catalog.version({ library: name, version });
        assert.equal(record?.id, versionId);
        assert.deepEqual(
          [record.library, record.name],
          [normalizeLibraryName(name), normalizeVersionName(version)],
        );
        assert.equal((await backend.catalog.library({ library: name }))?.id, libraryId);
        const found = (await backend.catalog.overview()).filter((entry) => entry.version.id === versionId);
        assert.equal(found.length, 1);
      });
    },
  ],
  [
    'versions',
    'any text as error message or source URL, and any scraper options, are kept',
    async (t) => {
      const backend = await t.open();
      const { versionId } = await resolve(backend, 'fastify', '5.6.0');
      const options = fc.dictionary(anyText.map(asStored), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 4 });
      await t.check(fc.tuple(anyText, anyUrl, options), async ([errorMessage, sourceUrl, given]) => {
        const plain = JSON.parse(JSON.stringify(given)) as Record<string, string>;
        await backend.apply([
          { kind: 'setVersionStatus', version: { versionId }, status: 'failed', errorMessage },
          { kind: 'setScraperOptions', version: { versionId }, sourceUrl, options: plain },
        ]);
        const version = await backend.catalog.version({ versionId });
        assertSameText(version?.errorMessage, errorMessage, 'error message');
        assertSameText(version?.sourceUrl, sourceUrl, 'source URL');
        assert.deepEqual(version?.scraperOptions, wellFormed(plain));
        const found = await backend.catalog.versionsBySourceUrl(sourceUrl);
        assert.deepEqual(
          found.map(({ id }) => id),
          [versionId],
        );
      });
    },
  ],
  [
    'search-text',
    'no text a person can type is a syntax error',
    async (t) => {
      const backend = await t.open();
      await write(backend, fastify, '/a', [chunk('zebra and okapi'), chunk('NOT near'), chunk('null 0')]);
      await t.check(
        anyText,
        async (text) => {
          const hits = await backend.fts.match({ version: fastify, terms: parseSearchText(text), limit: 2 });
          assert.ok(hits.length <= 2);
          for (const { score } of hits) assert.ok(Number.isFinite(score), `score ${score}`);
        },
        t.options.runs * 3,
      );
    },
    { capability: 'fts' },
  ],
  [
    'terms',
    'any text as a search term, even one the parser would never produce, is searched literally',
    async (t) => {
      const backend = await t.open();
      await write(backend, fastify, '/a', [chunk('zebra and okapi'), chunk('NOT near')]);
      await t.check(
        fc.array(anyText, { maxLength: 6 }),
        async (terms) => {
          const hits = await backend.fts.match({ version: fastify, terms: [...terms, 'okapi'], limit: 5 });
          assert.ok(hits.length >= 1, 'the last term is found whatever the others are');
        },
        t.options.runs * 3,
      );
    },
    { capability: 'fts' },
  ],
  [
    'words-among-anything',
    'a word is found in content, title and headings next to any other text',
    async (t) => {
      const backend = await t.open();
      await t.check(fc.tuple(anyText, anyText), async ([before, after]) => {
        const around = (word: string) => `${before} ${word} ${after}`;
        const { chunkIds } = await write(backend, fastify, { url: '/a', title: around('okapi') }, [
          chunk(around('quagga'), { metadata: under([around('giraffe')]) }),
        ]);
        for (const word of ['okapi', 'quagga', 'giraffe']) {
          const hits = await backend.fts.match({ version: fastify, terms: [word], limit: 5 });
          assert.deepEqual(
            hits.map(({ chunkId }) => chunkId),
            chunkIds,
            word,
          );
        }
      });
    },
    { capability: 'fts' },
  ],
  [
    'very-long-texts',
    'a hundred thousand characters of content, title, heading and metadata are kept and found',
    async (t) => {
      const backend = await t.open();
      const long = `${'lorem ipsum ü '.repeat(7_200)}zebra`;
      const title = `${'dolor '.repeat(16_700)}okapi`;
      await write(backend, fastify, { url: '/a', title }, [
        chunk(long, {
          metadata: { ...under([`${'sit '.repeat(25_000)}quagga`]), note: long },
          vector: vector(1, 0, 0, 0),
        }),
      ]);
      await write(backend, fastify, '/b', [chunk('short')]);
      const [record] = await backend.catalog.chunksByUrl(fastify, '/a');
      assert.equal(record?.content, long);
      assert.equal(record.title, title);
      assert.equal(record.metadata.note, long);
      for (const word of ['zebra', 'okapi', 'quagga']) {
        await assertMatches(backend, fastify, word, [record.id]);
      }
    },
  ],
  [
    'very-long-searches',
    'a search text of a hundred thousand characters gets an answer: one word, or two thousand',
    async (t) => {
      const backend = await t.open();
      const { chunkIds } = await write(backend, fastify, '/a', [chunk('zebra'), chunk('okapi')]);
      const one = await backend.fts.match({
        version: fastify,
        terms: parseSearchText('z'.repeat(100_000)),
        limit: 5,
      });
      assert.deepEqual(one, []);
      const words = Array.from({ length: 2_000 }, (_, i) => `word${i}${'x'.repeat(40)}`);
      const terms = parseSearchText([...words, 'zebra'].join(' '));
      const hits = await backend.fts.match({ version: fastify, terms, limit: 5 });
      assert.deepEqual(
        hits.map(({ chunkId }) => chunkId),
        chunkIds.slice(0, 1),
      );
    },
    { capability: 'fts' },
  ],
]);
