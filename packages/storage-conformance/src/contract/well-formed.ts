import assert from 'node:assert/strict';
import type { ChunkMetadata, JsonObject, PageDocument } from '@switchyard/storage-core';
import { contractGroup } from '../suite/contract-test.js';
import { rejectsAsMistake } from '../support/assertions.js';
import { chunk, fastify, replacePage, resolve, under, write } from '../support/build.js';
import { assertMatches } from '../support/declared.js';
import { openDocuments } from '../support/documents.js';

/** A text that a chunker cut inside an emoji, and the text that is stored for it. */
const CUT = 'party \ud83d';
const STORED = 'party \ufffd';

/** Metadata that only a caller in plain JavaScript can pass, and the field that the error names. */
const wrongMetadata: readonly (readonly [metadata: unknown, field: string])[] = [
  [undefined, 'metadata'],
  [null, 'metadata'],
  [[], 'metadata'],
  ['text', 'metadata'],
  [{ level: 1, path: [] }, 'metadata.types'],
  [{ types: null, level: 1, path: [] }, 'metadata.types'],
  [{ types: 'text', level: 1, path: [] }, 'metadata.types'],
  [{ types: [1], level: 1, path: [] }, 'metadata.types[0]'],
  [{ types: ['text', null], level: 1, path: [] }, 'metadata.types[1]'],
  [{ types: [], path: [] }, 'metadata.level'],
  [{ types: [], level: 'a', path: [] }, 'metadata.level'],
  [{ types: [], level: Number.NaN, path: [] }, 'metadata.level'],
  [{ types: [], level: 1 }, 'metadata.path'],
  [{ types: [], level: 1, path: 'x' }, 'metadata.path'],
  [{ types: [], level: 1, path: [{}] }, 'metadata.path[0]'],
  [{ types: [], level: 1, path: [], note: () => 1 }, 'metadata.note'],
  [{ types: [], level: 1, path: [], note: { a: [1n] } }, 'metadata.note.a[0]'],
  [{ types: [], level: 1, path: [], note: Number.POSITIVE_INFINITY }, 'metadata.note'],
  [{ types: [], level: 1, path: [], 'a b': [undefined] }, 'metadata["a b"][0]'],
  [{ types: [], level: 1, path: [], note: new Date(0) }, 'metadata.note'],
];

/** A call that must fail with an error naming the field. */
async function rejectsNaming(call: () => Promise<unknown>, field: string): Promise<void> {
  await rejectsAsMistake(call, field);
  await assert.rejects(call, ({ message }: Error) => {
    assert.ok(message.includes(`${field} `), `${message} names ${field}`);
    return true;
  });
}

export const wellFormedTests = contractGroup('well-formed', [
  [
    'every-field',
    'half a surrogate pair is stored as U+FFFD, once, in every text of a store',
    async (t) => {
      const backend = await t.open();
      const { versionId } = await resolve(backend, CUT, CUT);
      const options: JsonObject = { [CUT]: [CUT, { [CUT]: CUT }] };
      await backend.apply([
        replacePage(
          { versionId },
          { url: CUT, title: CUT, etag: CUT, lastModified: CUT, contentType: CUT, sourceContentType: CUT },
          [chunk(`${CUT}\ude00 \ude00`, { metadata: { ...under([CUT], [CUT]), [CUT]: options } })],
        ),
        { kind: 'setVersionStatus', version: { versionId }, status: 'failed', errorMessage: CUT },
        { kind: 'setScraperOptions', version: { versionId }, sourceUrl: CUT, options },
      ]);
      const stored = { [STORED]: [STORED, { [STORED]: STORED }] };
      const version = await backend.catalog.version({ versionId });
      const { library, name, errorMessage, sourceUrl, scraperOptions } = version ?? {};
      assert.deepEqual(
        { library, name, errorMessage, sourceUrl, scraperOptions },
        { library: STORED, name: STORED, errorMessage: STORED, sourceUrl: STORED, scraperOptions: stored },
      );
      assert.equal((await backend.catalog.libraries())[0]?.name, STORED);
      const [page] = await backend.catalog.pages({ versionId });
      const { url, title, etag, lastModified, contentType, sourceContentType } = page ?? {};
      assert.deepEqual(
        [url, title, etag, lastModified, contentType, sourceContentType],
        Array(6).fill(STORED),
      );
      const [record] = await backend.catalog.chunksByUrl({ versionId }, STORED);
      assert.equal(record?.content, 'party \ud83d\ude00 \ufffd');
      assert.deepEqual(record.metadata, { ...under([STORED], [STORED]), [STORED]: stored });
      const [snapshot] = await backend.catalog.snapshot({ version: { versionId }, limit: 1 });
      assert.equal(snapshot?.page.url, STORED);
      assert.deepEqual(snapshot.chunks[0]?.metadata, record.metadata);
    },
  ],
  [
    'found-again',
    'names, URLs and terms match both as given and as stored',
    async (t) => {
      const backend = await t.open();
      const { versionId } = await resolve(backend, CUT, CUT);
      const { pageId, chunkIds } = await write(backend, { library: CUT, version: CUT }, CUT, [chunk(CUT)]);
      await backend.apply([
        { kind: 'setScraperOptions', version: { versionId }, sourceUrl: CUT, options: null },
      ]);
      for (const text of [CUT, STORED]) {
        const version = { library: text, version: text };
        assert.equal((await resolve(backend, text, text)).versionId, versionId);
        assert.equal((await backend.catalog.version(version))?.id, versionId);
        assert.equal((await backend.catalog.page({ version, url: text }))?.id, pageId);
        assert.equal((await backend.catalog.chunksByUrl(version, text)).length, 1);
        assert.equal((await backend.catalog.versionsBySourceUrl(text))[0]?.id, versionId);
        await assertMatches(backend, version, text, chunkIds);
      }
    },
  ],
  [
    'urls-that-become-one',
    'two URLs that become equal that way are one page: the later one replaces the earlier one',
    async (t) => {
      const store = await openDocuments(t);
      const metadata = under([]);
      const pages: PageDocument[] = ['/\ud83d', '/\udc00', '/\ufffd'].map((url, index) => ({
        url,
        chunks: [{ content: `zebra ${index}`, metadata }],
      }));
      const added = await store.addPages('fastify', '5', pages);
      assert.equal(new Set(added.map(({ pageId }) => pageId)).size, 1);
      assert.deepEqual(
        added.map(({ chunksReplaced }) => chunksReplaced),
        [0, 1, 1],
      );
      const found = await store.chunksByUrl('fastify', '5', '/\ufffd');
      assert.deepEqual(
        found.map(({ content }) => content),
        ['zebra 2'],
      );
    },
  ],
  [
    'model-is-the-same',
    'a model whose name contains half a surrogate pair is the same model when the store is reopened with it',
    async (t) => {
      const backend = await t.open();
      const request = { model: CUT, dimension: 4 };
      const metric = backend.capabilities.metrics[0];
      const { profile } = await backend.vectors.reconcile({ ...request, metric }, 'reset');
      assert.equal(profile.model, STORED);
      assert.equal((await backend.vectors.reconcile({ ...request, metric }, 'refuse')).outcome, 'unchanged');
      await backend.apply([{ ...replacePage(fastify, '/a', [chunk('zebra')]), model: CUT }]);
    },
    { capability: 'vectors' },
  ],
  [
    'metadata-is-checked',
    'invalid metadata is a TypeError that names the field, and nothing is written',
    async (t) => {
      const backend = await t.open();
      await write(backend, fastify, '/a', [chunk('zebra')]);
      for (const [metadata, field] of wrongMetadata) {
        const wrong = chunk('okapi', { metadata: metadata as ChunkMetadata });
        await rejectsNaming(
          () =>
            backend.apply([replacePage(fastify, '/b', []), replacePage(fastify, '/a', [chunk('x'), wrong])]),
          `chunks[1].${field}`,
        );
      }
      assert.equal((await backend.catalog.pages(fastify)).length, 1);
      assert.equal((await backend.catalog.chunksByUrl(fastify, '/a'))[0]?.content, 'zebra');
    },
  ],
  [
    'metadata-is-checked-before-embedding',
    'addPages names page, chunk and field of invalid metadata before anything is embedded or written',
    async (t) => {
      const store = await openDocuments(t);
      const page = (url: string, metadata: unknown): PageDocument => ({
        url,
        chunks: [{ content: 'zebra', metadata: metadata as ChunkMetadata }],
      });
      for (const [metadata, field] of wrongMetadata) {
        await rejectsNaming(
          () => store.addPages('fastify', '5', [page('/a', under([])), page('/b', metadata)]),
          `pages[1].chunks[0].${field}`,
        );
        await rejectsNaming(
          () => store.addPage('fastify', '5', page('/b', metadata)),
          `pages[0].chunks[0].${field}`,
        );
      }
      assert.deepEqual(await store.libraries(), []);
    },
  ],
]);
