import assert from 'node:assert/strict';
import { contractGroup } from '../suite/contract-test.js';
import { rejects, rejectsAsMistake } from '../support/assertions.js';
import { under } from '../support/build.js';
import { hasFts, hasVectors } from '../support/declared.js';
import { openDocuments, page } from '../support/documents.js';

export const documentVersionTests = contractGroup('document-store', [
  [
    'delete',
    'deleting a page or all pages of a version returns the number of chunks',
    async (t) => {
      const store = await openDocuments(t);
      const { pageId } = await store.addPage('fastify', '5', page('/a', 'one', 'two'));
      await store.addPages('fastify', '5', [page('/b', 'one'), page('/c', 'one', 'two', 'three')]);
      assert.equal(await store.deletePage(pageId as number), 2);
      assert.equal(await store.deletePage(pageId as number), 0);
      assert.equal(await store.deletePages('FASTIFY', '5'), 4);
      assert.equal(await store.deletePages('fastify', 'unknown'), 0);
      assert.equal(await store.hasChunks('fastify', '5'), false);
      assert.equal((await store.version('fastify', '5'))?.name, '5');
    },
  ],
  [
    'remove-version',
    'removing a version reports the chunks, and whether version and library were deleted; a missing version removes nothing',
    async (t) => {
      const store = await openDocuments(t);
      await store.addPage('fastify', '4', page('/a', 'one'));
      await store.addPage('fastify', '5', page('/a', 'one', 'two'));
      await store.addPage('pino', '', page('/a', 'one'));
      const nothing = { documentsDeleted: 0, versionDeleted: false, libraryDeleted: false };
      assert.deepEqual(await store.removeVersion('fastify', '6'), nothing);
      assert.deepEqual(await store.removeVersion('unknown', ''), nothing);
      assert.deepEqual(await store.removeVersion('Fastify', '5'), {
        documentsDeleted: 2,
        versionDeleted: true,
        libraryDeleted: false,
      });
      assert.deepEqual(await store.removeVersion('fastify', '4'), {
        documentsDeleted: 1,
        versionDeleted: true,
        libraryDeleted: true,
      });
      assert.deepEqual(await store.removeVersion('pino', '', { removeLibrary: false }), {
        documentsDeleted: 1,
        versionDeleted: true,
        libraryDeleted: false,
      });
      assert.deepEqual(
        (await store.libraries()).map(({ name }) => name),
        ['pino'],
      );
    },
  ],
  [
    'status-and-progress',
    'status, error message and progress are stored and visible in every read of the version',
    async (t) => {
      const store = await openDocuments(t);
      const id = await store.resolveVersion('fastify', '5');
      assert.equal(await store.resolveVersion('FASTIFY', '5'), id);
      await store.setVersionStatus(id, 'failed', 'no route');
      await store.setVersionProgress(id, 3, 9);
      const version = await store.versionById(id);
      assert.deepEqual(
        [version?.status, version?.errorMessage, version?.progressPages, version?.progressMaxPages],
        ['failed', 'no route', 3, 9],
      );
      assert.deepEqual(await store.versionsByStatus(['failed']), [version]);
      assert.deepEqual(await store.versions('fastify'), [version]);
      await store.setVersionStatus(id, 'completed');
      assert.equal((await store.version('fastify', '5'))?.errorMessage, null);
    },
  ],
  [
    'status-of-a-removed-version',
    'status and progress of a version that is gone are ignored, or STORAGE_NOT_FOUND with ifMissing: error',
    async (t) => {
      const store = await openDocuments(t);
      const id = await store.resolveVersion('fastify', '5');
      await store.removeVersion('fastify', '5');
      await store.setVersionStatus(id, 'failed', 'gone');
      await store.setVersionProgress(id, 3, 9);
      assert.equal(await store.versionById(id), null);
      assert.deepEqual(await store.libraries(), []);
      const ifMissing = 'error';
      await rejects(() => store.setVersionStatus(id, 'failed', null, { ifMissing }), 'STORAGE_NOT_FOUND');
      await rejects(() => store.setVersionProgress(id, 3, 9, { ifMissing }), 'STORAGE_NOT_FOUND');
      await rejects(() => store.setScraperOptions(id, 'https://x', null), 'STORAGE_NOT_FOUND');
      await store.setScraperOptions(id, 'https://x', null, { ifMissing: 'ignore' });
      assert.deepEqual(await store.libraries(), []);
    },
  ],
  [
    'scraper-options',
    'scraper options are read back with their source URL; without a source URL there are none',
    async (t) => {
      const store = await openDocuments(t);
      const id = await store.resolveVersion('fastify', '5');
      assert.equal(await store.scraperOptions(id), null);
      await store.setScraperOptions(id, 'https://fastify.dev', { depth: 3 });
      assert.deepEqual(await store.scraperOptions(id), {
        sourceUrl: 'https://fastify.dev',
        options: { depth: 3 },
      });
      assert.deepEqual(
        (await store.versionsBySourceUrl('https://fastify.dev')).map((version) => version.id),
        [id],
      );
      const inOverview = async () => (await store.overview())[0]?.versions[0]?.scraperOptions;
      assert.deepEqual(await inOverview(), { depth: 3 });
      await store.setScraperOptions(id, null, { depth: 3 });
      assert.equal(await store.scraperOptions(id), null);
      assert.equal(await inOverview(), null);
      assert.equal(await store.scraperOptions(987_654), null);
    },
  ],
  [
    'overview',
    'the overview lists versions newest first by semantic version, the unversioned one first, with their counts',
    async (t) => {
      const store = await openDocuments(t);
      for (const version of ['5.9.0', '5.10.0', '', '5.10.0-rc.1', '4.0.0'])
        await store.resolveVersion('fastify', version);
      await store.resolveVersion('axios', '1.0.0');
      await store.addPages('fastify', '5.10.0', [page('/a', 'one', 'two'), page('/b', 'one')]);
      const overview = await store.overview();
      assert.deepEqual(
        overview.map(({ name }) => name),
        ['axios', 'fastify'],
      );
      const versions = overview[1]?.versions ?? [];
      assert.deepEqual(
        versions.map(({ name }) => name),
        ['', '5.10.0', '5.10.0-rc.1', '5.9.0', '4.0.0'],
      );
      const filled = versions[1];
      assert.deepEqual(
        [filled?.chunks, filled?.urls, filled?.status, filled?.progress],
        [3, 2, 'not_indexed', { pages: 0, maxPages: 0 }],
      );
      assert.match(filled?.indexedAt ?? '', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
      assert.equal(versions[0]?.indexedAt, null);
    },
  ],
  [
    'chunks-and-relatives',
    'chunks are found by id, ids and URL; relatives are those of the page; unknown ids find nothing',
    async (t) => {
      const store = await openDocuments(t);
      const paths = [['A'], ['A', 'B'], ['A', 'B'], ['A', 'C'], ['A', 'B']];
      const chunks = paths.map((path, i) => ({ content: `c${i}`, metadata: under(path) }));
      const { chunkIds, pageId } = await store.addPage('fastify', '5', { url: '/a', title: 'T', chunks });
      const [c0 = '', c1 = '', c2 = ''] = chunkIds;
      const chunk = await store.chunk(c2);
      assert.deepEqual(
        [chunk?.id, chunk?.content, chunk?.url, chunk?.title, chunk?.pageId, chunk?.sortOrder],
        [c2, 'c2', '/a', 'T', pageId, 2],
      );
      assert.deepEqual(
        (await store.chunks([c2, c0, c2, 'x', '0', '-1', '1.5', ''])).map(({ id }) => id),
        [c0, c2],
      );
      const contents = (found: readonly { readonly content: string }[]) =>
        found.map(({ content }) => content);
      assert.equal((await store.parentOf(c2))?.content, 'c0');
      assert.equal(await store.parentOf(c0), null);
      assert.deepEqual(contents(await store.childrenOf(c0, 3)), ['c1', 'c2', 'c3']);
      assert.deepEqual(contents(await store.precedingSiblings(c2, 5)), ['c1']);
      assert.deepEqual(contents(await store.subsequentSiblings(c1, 1)), ['c2']);
      assert.equal(await store.parentOf('no id'), null);
      assert.deepEqual(await store.childrenOf('987654', 5), []);
      assert.equal(await store.chunk('987654'), null);
    },
  ],
  [
    'chunk-times',
    'chunks have the time of their creation in ISO 8601, UTC',
    async (t) => {
      const store = await openDocuments(t);
      await store.addPage('fastify', '5', page('/a', 'one'));
      for (const chunk of [
        ...(await store.chunksByUrl('fastify', '5', '/a')),
        ...(hasFts(store.backend) || hasVectors(store.backend)
          ? await store.search('fastify', '5', 'one')
          : []),
      ]) {
        assert.match(chunk.createdAt ?? '', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
        const age = Date.now() - Date.parse(chunk.createdAt ?? '');
        assert.ok(Math.abs(age) < 86_400_000, `created ${age} ms ago`);
      }
    },
  ],
  [
    'relatives-of-many',
    'relatives() returns those of each chunk in the order of the ids, null for unknown ones, in one version if named',
    async (t) => {
      const store = await openDocuments(t);
      const paths = [['A'], ['A', 'B'], ['A', 'B'], ['A', 'B', 'C']];
      const chunks = paths.map((path, i) => ({ content: `c${i}`, metadata: under(path) }));
      const a = (await store.addPage('fastify', '5', { url: '/a', chunks })).chunkIds;
      const b = (await store.addPage('Pino', '', { url: '/a', chunks })).chunkIds;
      const request = { parent: true, children: 2, precedingSiblings: 1, subsequentSiblings: 1 };
      const [c0 = '', c1 = '', c2 = ''] = a;
      const found = await store.relatives(['x', c2, c0, '987654', c2], request);
      const ids = (list: readonly { readonly id: string }[] = []) => list.map(({ id }) => id);
      assert.deepEqual(
        found.map((one) => one && [one.parent?.id, ids(one.children), ids(one.precedingSiblings)]),
        [null, [c0, [a[3]], [c1]], [undefined, [c1, c2], []], null, [c0, [a[3]], [c1]]],
      );
      assert.deepEqual(found[1]?.parent, await store.chunk(c0));
      assert.deepEqual(await store.relatives([], request), []);
      const scope = { library: 'FASTIFY', version: '5' };
      const scoped = await store.relatives([b[1] ?? '', c1], request, scope);
      assert.deepEqual(scoped, [null, (await store.relatives([c1], request))[0]]);
      assert.deepEqual(ids(await store.chunks([...b, c1], scope)), [c1]);
      assert.equal(await store.chunk(b[1] ?? '', scope), null);
      assert.equal((await store.chunk(b[1] ?? '', { library: 'pino', version: '' }))?.content, 'c1');
      assert.equal(await store.parentOf(b[1] ?? '', scope), null);
      assert.equal((await store.parentOf(c1, scope))?.id, c0);
      assert.deepEqual(await store.childrenOf(b[0] ?? '', 5, scope), []);
      assert.deepEqual(await store.precedingSiblings(b[2] ?? '', 5, scope), []);
      assert.deepEqual(await store.subsequentSiblings(b[1] ?? '', 5, scope), []);
      for (const half of [{ library: 'fastify' }, { version: '5' }]) {
        const text = JSON.stringify(half);
        await rejectsAsMistake(() => store.chunks([c1], half), text);
        await rejectsAsMistake(() => store.relatives([c1], request, half), text);
      }
      await rejectsAsMistake(() => store.relatives([c1], { children: -1 }), 'a negative limit');
    },
  ],
]);
