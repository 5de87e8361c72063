import assert from 'node:assert/strict';
import type { ChunkId, ContextOptions, StorageBackend, VersionRef } from '@switchyard/storage-core';
import type { RelativesRequest } from '@switchyard/storage-core/backend';
import type { TestContext } from '../suite/context.js';
import { contractGroup } from '../suite/contract-test.js';
import { rejectsAsMistake } from '../support/assertions.js';
import { chunk, fastify, under, write } from '../support/build.js';

const everything: ContextOptions = {
  parent: true,
  children: 3,
  precedingSiblings: 2,
  subsequentSiblings: 2,
};
const pino: VersionRef = { library: 'pino', version: '' };

/** Writes pages of several versions with the same outline; returns the ids of all chunks, page by page. */
async function outlines(backend: StorageBackend): Promise<readonly (readonly ChunkId[])[]> {
  const paths = [[], ['A'], ['A', 'B'], ['A', 'B'], ['A', 'B', 'C'], ['A'], ['A', 'B'], ['D'], ['A', 'B']];
  const pages: (readonly ChunkId[])[] = [];
  for (const [version, url] of [
    [fastify, '/a'],
    [pino, '/a'],
    [fastify, '/b'],
    [{ library: 'fastify', version: '' }, '/a'],
  ] as const) {
    const chunks = paths.map((path, i) => chunk(`${url} ${i}`, { metadata: under(path) }));
    pages.push((await write(backend, version, url, chunks)).chunkIds);
  }
  return pages;
}

async function prepared(t: TestContext) {
  const backend = await t.open();
  const pages = await outlines(backend);
  const relatives = (chunkIds: readonly ChunkId[], request: Partial<RelativesRequest> = {}) =>
    backend.catalog.relatives({ ...everything, chunkIds, ...request });
  return { backend, pages, relatives, ids: pages.flat() };
}

export const relativesOfManyTests = contractGroup('relatives', [
  [
    'many-as-single',
    'the relatives of many chunks are those of each of them, in the order of the request',
    async (t) => {
      const { relatives, ids } = await prepared(t);
      const asked = ids.map((_, i) => ids[(i * 7) % ids.length] as ChunkId);
      const found = await relatives(asked);
      assert.deepEqual(
        found.map((one) => one?.chunk.id),
        asked,
      );
      const single = [];
      for (const id of asked) single.push(...(await relatives([id])));
      assert.deepEqual(found, single);
    },
  ],
  [
    'many-unknown-and-repeated',
    'an unknown id has null in its place, a repeated one the same relatives; no ids have none',
    async (t) => {
      const { relatives, ids } = await prepared(t);
      const [a = 0, b = 0] = [ids[2], ids[6]];
      const found = await relatives([987_654, b, a, 987_655, b]);
      assert.deepEqual(
        found.map((one) => one?.chunk.id ?? null),
        [null, b, a, null, b],
      );
      assert.deepEqual(found[1], found[4]);
      assert.deepEqual(await relatives([]), []);
      assert.deepEqual(await relatives([987_654]), [null]);
    },
  ],
  [
    'many-of-one-page',
    'chunks of one page that share relatives each have all of theirs',
    async (t) => {
      const { relatives, pages } = await prepared(t);
      const [page = []] = pages;
      const names = (await relatives(page)).map((one) => {
        const at = (id: ChunkId) => page.indexOf(id);
        const list = (chunks: readonly { readonly id: ChunkId }[] = []) =>
          chunks.map(({ id }) => at(id)).join('');
        const parent = one?.parent == null ? '-' : String(at(one.parent.id));
        const lists = [one?.children, one?.precedingSiblings, one?.subsequentSiblings];
        return [parent, ...lists.map(list)].join(':');
      });
      assert.deepEqual(names, [
        '-:157::',
        '-:236::5',
        '1:4::36',
        '1:4:2:68',
        '3:::',
        '-:68:1:',
        '5::23:8',
        '-:::',
        '5::36:',
      ]);
    },
  ],
  [
    'many-in-version',
    'with a version, chunks of other versions count as unknown; names are case-insensitive',
    async (t) => {
      const { backend, relatives, pages, ids } = await prepared(t);
      const known = await backend.catalog.version(pino);
      assert.ok(known !== null);
      for (const version of [pino, { library: 'PINO', version: '' }, { versionId: known.id }]) {
        const found = await relatives(ids, { version });
        assert.deepEqual(
          found.map((one) => one?.chunk.id ?? null),
          ids.map((id) => (pages[1]?.includes(id) ? id : null)),
        );
        const unscoped = await relatives(pages[1] ?? []);
        assert.deepEqual(
          found.filter((one) => one !== null),
          unscoped,
        );
      }
      for (const version of [{ library: 'pino', version: '9' }, { versionId: 987_654 }]) {
        assert.deepEqual(await relatives([ids[0] ?? 0, ids[9] ?? 0], { version }), [null, null]);
      }
    },
  ],
  [
    'many-in-version-of-any-name',
    'the version may have a name with capitals outside of ASCII',
    async (t) => {
      const backend = await t.open();
      const version = { library: 'Ärger', version: 'É' };
      const { chunkIds } = await write(backend, version, '/a', [chunk('a'), chunk('b')]);
      for (const given of [version, { library: 'ärger', version: 'é' }, { library: 'ÄRGER', version: 'É' }]) {
        const found = await backend.catalog.relatives({ chunkIds, version: given, subsequentSiblings: 1 });
        assert.deepEqual(
          found.map((one) => one?.subsequentSiblings.length),
          [1, 0],
        );
        assert.equal((await backend.catalog.chunks(chunkIds, given)).length, 2);
      }
    },
  ],
  [
    'chunks-in-version',
    'chunks by id of a version leave out those of others, and there are none of an unknown version',
    async (t) => {
      const { backend, pages, ids } = await prepared(t);
      const known = await backend.catalog.version(fastify);
      assert.ok(known !== null);
      const expected = await backend.catalog.chunks([...(pages[0] ?? []), ...(pages[2] ?? [])]);
      for (const version of [fastify, { library: 'Fastify', version: '5.6.0' }, { versionId: known.id }]) {
        assert.deepEqual(await backend.catalog.chunks(ids, version), expected);
      }
      assert.equal((await backend.catalog.chunks(ids)).length, ids.length);
      for (const version of [{ library: 'fastify', version: '9' }, { versionId: 987_654 }]) {
        assert.deepEqual(await backend.catalog.chunks(ids, version), []);
      }
    },
  ],
  [
    'many-bad-requests',
    'ids that are not positive integers, and bad references to a version, are TypeErrors',
    async (t) => {
      const { backend, relatives, ids } = await prepared(t);
      for (const id of [0, -1, 1.5, Number.NaN, '1' as unknown as number]) {
        await rejectsAsMistake(() => relatives([ids[0] ?? 0, id]), `id ${id}`);
      }
      for (const version of [{ versionId: 0 }, { library: 1 }, 'fastify'] as unknown as VersionRef[]) {
        const text = JSON.stringify(version);
        await rejectsAsMistake(() => relatives(ids, { version }), text);
        await rejectsAsMistake(() => backend.catalog.chunks(ids, version), text);
      }
    },
  ],
  [
    'large-page',
    'the relatives of chunks of a page of two thousand',
    async (t) => {
      const backend = await t.open();
      const { chunkIds } = await write(
        backend,
        fastify,
        '/large',
        Array.from({ length: 2_000 }, (_, i) =>
          chunk(`c${i}`, { metadata: under(i % 10 === 0 ? ['A', `B${i}`] : ['A', `B${i - (i % 10)}`, 'C']) }),
        ),
      );
      const asked = [1_999, 1_000, 0].map((at) => chunkIds[at] as ChunkId);
      const found = await backend.catalog.relatives({ ...everything, chunkIds: asked });
      const contents = found.map((one) =>
        [
          one?.parent?.content ?? '-',
          ...[one?.children, one?.precedingSiblings, one?.subsequentSiblings].map((list = []) =>
            list.map(({ content }) => content).join(' '),
          ),
        ].join('|'),
      );
      assert.deepEqual(contents, ['c1990||c1997 c1998|', '-|c1001 c1002 c1003||', '-|c1 c2 c3||']);
    },
  ],
]);
