import assert from 'node:assert/strict';
import type { ChunkId, ContextOptions, StorageBackend } from '@switchyard/storage-core';
import type { Relatives } from '@switchyard/storage-core/backend';
import type { TestContext } from '../suite/context.js';
import { contractGroup } from '../suite/contract-test.js';
import { rejectsAsMistake } from '../support/assertions.js';
import { chunk, fastify, under, write } from '../support/build.js';

/** Name of a chunk by its position: a, b, … */
function letter(at: number): string {
  return String.fromCharCode(97 + at);
}

/** Writes a page whose chunks are named by letters, with the given paths. */
async function page(
  t: TestContext,
  paths: readonly (readonly string[])[],
): Promise<{
  relatives: (at: number, request?: ContextOptions) => Promise<Names>;
  backend: StorageBackend;
  ids: readonly ChunkId[];
}> {
  const backend = await t.open();
  // An earlier page of the same version with the same paths must be ignored.
  await write(
    backend,
    fastify,
    '/before',
    paths.map((path) => chunk('wrong page', { metadata: under(path) })),
  );
  const { chunkIds } = await write(
    backend,
    fastify,
    '/a',
    paths.map((path, i) => chunk(letter(i), { metadata: under(path) })),
  );
  const relatives = async (at: number, request: ContextOptions = {}) => {
    const found = await relativesOf(backend, chunkIds[at], {
      parent: true,
      children: 99,
      precedingSiblings: 99,
      subsequentSiblings: 99,
      ...request,
    });
    return names(found);
  };
  return { relatives, backend, ids: chunkIds };
}

async function relativesOf(
  { catalog }: StorageBackend,
  chunkId: ChunkId | undefined,
  context: ContextOptions,
): Promise<Relatives> {
  assert.ok(chunkId !== undefined);
  const [found, ...more] = await catalog.relatives({ ...context, chunkIds: [chunkId] });
  assert.ok(found !== undefined && found !== null && more.length === 0);
  assert.equal(found.chunk.id, chunkId);
  return found;
}

/** Formats parent, children, preceding and subsequent siblings by content, as in `A:bc:x:y`. */
type Names = string;

function names({ parent, children, precedingSiblings, subsequentSiblings }: Relatives): Names {
  const list = (chunks: Relatives['children']) => chunks.map(({ content }) => content).join('');
  return [parent?.content ?? '-', list(children), list(precedingSiblings), list(subsequentSiblings)].join(
    ':',
  );
}

export const relativesTests = contractGroup('relatives', [
  [
    'parent',
    'the parent is the nearest earlier chunk whose path is the chunk’s path without its last element',
    async (t) => {
      const { relatives } = await page(t, [
        ['A'],
        ['A', 'B'],
        ['A'],
        ['A', 'B'],
        ['A', 'B', 'C'],
        ['B'],
        ['A', 'D'],
      ]);
      assert.equal((await relatives(3))[0], 'c');
      assert.equal((await relatives(1))[0], 'a');
      assert.equal((await relatives(4))[0], 'd');
      assert.equal((await relatives(6))[0], 'c');
    },
  ],
  [
    'no-parent',
    'a chunk has no parent if the parent path occurs only later or nowhere, or if the chunk has no path',
    async (t) => {
      const { relatives } = await page(t, [[], ['X', 'Y'], ['X'], ['Z', 'Y', 'W'], []]);
      assert.equal((await relatives(0))[0], '-');
      assert.equal((await relatives(1))[0], '-');
      assert.equal((await relatives(3))[0], '-');
      assert.equal((await relatives(4))[0], '-');
    },
  ],
  [
    'no-parent-of-short-paths',
    'a chunk whose path has fewer than two elements has no parent, also below a chunk without a path',
    async (t) => {
      const { relatives } = await page(t, [[], ['A'], [], ['B'], ['B', 'C'], ['']]);
      for (const at of [0, 1, 2, 3, 5]) assert.equal((await relatives(at))[0], '-', `chunk ${at}`);
      assert.equal((await relatives(4))[0], 'd');
    },
  ],
  [
    'children',
    'children are later chunks whose path extends the chunk’s by exactly one element, in page order',
    async (t) => {
      const { relatives } = await page(t, [
        ['A', 'early'],
        ['A'],
        ['A', 'B'],
        ['A', 'B', 'C'],
        ['B'],
        ['A', 'D'],
        ['AB'],
        ['A', 'B'],
      ]);
      assert.equal((await relatives(1)).split(':')[1], 'cfh');
      assert.equal((await relatives(2)).split(':')[1], 'd');
      assert.equal((await relatives(4)).split(':')[1], '');
    },
  ],
  [
    'children-of-no-path',
    'children of a chunk without a path are the later chunks with a path of one element',
    async (t) => {
      const { relatives } = await page(t, [['A'], [], ['B'], ['B', 'C'], [], ['D']]);
      assert.equal((await relatives(1)).split(':')[1], 'cf');
    },
  ],
  [
    'siblings',
    'siblings are the chunks with the same path, before and after, each in page order',
    async (t) => {
      const { relatives } = await page(t, [['A'], ['A'], ['B'], ['A'], ['A', 'C'], ['A'], ['A']]);
      assert.equal(await relatives(3), '-:e:ab:fg');
      assert.equal(await relatives(0), '-:e::bdfg');
      assert.equal(await relatives(6), '-::abdf:');
    },
  ],
  [
    'limits',
    'limits keep the nearest: the last preceding siblings and the first of the others',
    async (t) => {
      const { relatives } = await page(t, [['A'], ['A'], ['A'], ['A', 'x'], ['A'], ['A', 'y'], ['A']]);
      const limited = (limit: number) =>
        relatives(2, { children: limit, precedingSiblings: limit, subsequentSiblings: limit });
      assert.equal(await limited(1), '-:d:b:e');
      assert.equal(await limited(2), '-:df:ab:eg');
      assert.equal(await limited(100), '-:df:ab:eg');
      assert.equal(await limited(0), '-:::');
    },
  ],
  [
    'nothing-asked',
    'relatives that are not requested are not returned',
    async (t) => {
      const { backend, ids } = await page(t, [['A'], ['A', 'B'], ['A', 'B']]);
      const [chunk] = await backend.catalog.chunks([ids[1] as ChunkId]);
      const nothing = { chunk, parent: null, children: [], precedingSiblings: [], subsequentSiblings: [] };
      assert.deepEqual(await relativesOf(backend, ids[1], {}), nothing);
      const parentOnly = await relativesOf(backend, ids[1], { parent: true });
      assert.deepEqual({ ...parentOnly, parent: null }, nothing);
      assert.equal(parentOnly.parent?.content, 'a');
    },
  ],
  [
    'path-elements-are-whole',
    'paths are compared element by element: separators and common prefixes within an element do not matter',
    async (t) => {
      const { relatives } = await page(t, [
        ['A/B'],
        ['A', 'B'],
        ['A'],
        ['A/B', 'C'],
        ['a'],
        ['A', 'C'],
        ['A","C'],
        ['A%', 'x'],
      ]);
      assert.equal(await relatives(3), 'a:::');
      assert.equal(await relatives(2), '-:f::');
      assert.equal(await relatives(1), '-:::');
    },
  ],
  [
    'any-path',
    'paths may contain quotes, brackets, backslashes, NUL, an empty heading and any script',
    async (t) => {
      const headings = ['"', '\\', '\\"', ']', '[', '","', '\u0000', '\ud83d\ude00 é', '', '\\u0041', '%_*'];
      const all = await page(
        t,
        headings.flatMap((heading) => [[heading], [heading, heading], [heading], [heading, heading, 'x']]),
      );
      for (const [index, heading] of headings.entries()) {
        const [a, b, c, d] = [0, 1, 2, 3].map((i) => letter(index * 4 + i));
        const found = [0, 1, 3].map((i) => all.relatives(index * 4 + i));
        const expected = [`-:${b}::${c}`, `${a}:${d}::`, `${b}:::`];
        assert.deepEqual(await Promise.all(found), expected, JSON.stringify(heading));
      }
      const { relatives } = await page(t, [
        ['A"'],
        ['A'],
        ['A\\', 'B'],
        ['A', 'B'],
        ['A"', 'B'],
        ['A\u0041'],
      ]);
      assert.equal(await relatives(0), '-:e::');
      assert.equal(await relatives(1), '-:d::');
      assert.equal(await relatives(2), '-:::');
    },
  ],
  [
    'sort-order-decides',
    'earlier and later are determined by sort order, not by id',
    async (t) => {
      const backend = await t.open();
      const { chunkIds } = await write(backend, fastify, '/a', [
        chunk('late', { metadata: under(['A', 'B']), sortOrder: 5 }),
        chunk('middle', { metadata: under(['A']), sortOrder: 3 }),
        chunk('early', { metadata: under(['A', 'B']), sortOrder: 1 }),
      ]);
      assert.equal(names(await relativesOf(backend, chunkIds[1], { children: 9, parent: true })), '-:late::');
    },
  ],
  [
    'records',
    'chunks and their relatives are complete records, as returned by chunks()',
    async (t) => {
      const { backend, ids } = await page(t, [['A'], ['A', 'B']]);
      const found = await relativesOf(backend, ids[1], { parent: true });
      assert.deepEqual([found.parent, found.chunk], await backend.catalog.chunks(ids));
    },
  ],
  [
    'bad-limits',
    'limits that are not non-negative integers are TypeErrors',
    async (t) => {
      const { backend, ids } = await page(t, [['A']]);
      for (const limit of [-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
        for (const what of ['children', 'precedingSiblings', 'subsequentSiblings'] as const) {
          await rejectsAsMistake(
            () => backend.catalog.relatives({ chunkIds: ids, [what]: limit }),
            `${what}: ${limit}`,
          );
        }
      }
    },
  ],
]);
