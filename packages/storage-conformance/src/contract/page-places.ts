import assert from 'node:assert/strict';
import { contractGroup } from '../suite/contract-test.js';
import { chunk, fastify, resolve, vector, write } from '../support/build.js';
import { assertFound } from '../support/declared.js';

export const pagePlaceTests = contractGroup('pages', [
  [
    'creates-the-version',
    'writing a page to a version given by names creates the version and its library',
    async (t) => {
      const backend = await t.open();
      const { versionId } = await write(backend, { library: 'New', version: '' }, '/a', [chunk('one')]);
      assert.equal((await resolve(backend, 'new', '')).versionId, versionId);
      assert.equal((await backend.catalog.libraries()).length, 1);
    },
  ],
  [
    'same-url-in-two-versions',
    'the same URL in two versions is two pages, and replacing one leaves the other unchanged',
    async (t) => {
      const backend = await t.open();
      const other = { library: 'fastify', version: '4.0.0' };
      const a = await write(backend, fastify, '/a', [chunk('zebra', { vector: vector(1, 0, 0, 0) })]);
      const b = await write(backend, other, '/a', [chunk('zebra', { vector: vector(1, 0, 0, 0) })]);
      assert.notEqual(a.pageId, b.pageId);
      await write(backend, fastify, '/a', [chunk('okapi')]);
      assert.deepEqual(
        (await backend.catalog.chunksByUrl(other, '/a')).map(({ id }) => id),
        b.chunkIds,
      );
      await assertFound(backend, other, { word: 'zebra', near: vector(1, 0, 0, 0) }, b.chunkIds);
    },
  ],
  [
    'urls-are-exact',
    'URLs are compared exactly: a different case, trailing slash, query or fragment is a different page',
    async (t) => {
      const backend = await t.open();
      const urls = ['/a', '/A', '/a/', '/a?x', '/a#x', '/a%20b', '/a b', '/ä', '/a\u0308', '/%'];
      for (const url of urls) await write(backend, fastify, url, [chunk(url)]);
      assert.equal((await backend.catalog.pages(fastify)).length, urls.length);
      for (const url of urls) {
        const records = await backend.catalog.chunksByUrl(fastify, url);
        assert.deepEqual(
          records.map(({ content }) => content),
          [url],
        );
      }
    },
  ],
]);
