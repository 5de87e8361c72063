import type { FtsWeights, Mutation, StorageBackend } from '@switchyard/storage-core';
import { parseSearchText } from '@switchyard/storage-core';
import type { FtsQuery } from '@switchyard/storage-core/backend';
import fc from 'fast-check';
import Database from 'libsql';
import { describe, expect, it } from 'vitest';
import { haveFixtures, legacyWrites, withoutFixtures } from './support/fixtures.js';
import { chunk, openStore, page } from './support/store.js';
import { tempFile } from './support/temp.js';

/** Two connections to one new store: one ranks by the lists of the index, the other leaves it to the engine. */
async function openBoth(): Promise<{ file: string; own: StorageBackend; engine: StorageBackend }> {
  const file = tempFile();
  const own = await openStore(file);
  await own.migrator.migrate();
  return { file, own, engine: await openStore(`${file}?ftsCacheMiB=0`) };
}

/** Commands of FTS5, such as a page size that makes every list go over many pages. */
function command(file: string, name: string, value: number | null = null): void {
  const other = new Database(file);
  if (value === null) other.exec(`INSERT INTO documents_fts (documents_fts) VALUES ('${name}')`);
  else other.exec(`INSERT INTO documents_fts (documents_fts, rank) VALUES ('${name}', ${value})`);
  other.close();
}

async function expectSame(own: StorageBackend, engine: StorageBackend, query: FtsQuery): Promise<void> {
  expect(await own.fts.match(query)).toEqual(await engine.fts.match(query));
}

const vocabulary = [
  ...['run', 'running', 'runs', 'the', 'of', 'route', 'routes', 'routing', 'naïve', 'Straße', 'e', 'node.js'],
  ...[
    'foo_bar',
    '日本語',
    'x'.repeat(70),
    `${'long'.repeat(300)}`,
    '?',
    '--',
    'C++',
    "don't",
    '🦄',
    'Ⅷ',
    'zebra',
  ],
];

const word = fc.constantFrom(...vocabulary);
const content = fc.array(word, { maxLength: 60 }).map((words) => words.join(' '));
const version = fc.constantFrom('1', '2', '3');
const url = fc.constantFrom('/a', '/b/run', '/c');

const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc
      .record({
        url,
        version,
        texts: fc.array(fc.record({ content, structural: fc.boolean() }), { maxLength: 12 }),
      })
      .map(({ url: at, version: name, texts }) =>
        page(
          at,
          texts.map((text) =>
            chunk(text.content, {
              metadata: {
                types: text.structural ? ['structural'] : ['text'],
                level: 1,
                path: ['Running', at],
              },
            }),
          ),
          { library: 'lib', version: name },
        ),
      ),
  },
  {
    weight: 2,
    arbitrary: fc.record({ url, version }).map(
      (gone): Mutation => ({
        kind: 'deletePage',
        page: { version: { library: 'lib', version: gone.version }, url: gone.url },
      }),
    ),
  },
  {
    weight: 1,
    arbitrary: version.map(
      (name): Mutation => ({ kind: 'removeVersion', version: { library: 'lib', version: name } }),
    ),
  },
);

type Step =
  | { readonly kind: 'write'; readonly mutations: readonly Mutation[] }
  | { readonly kind: 'command'; readonly name: 'optimize' | 'rebuild' }
  | { readonly kind: 'merge'; readonly pages: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc
      .array(mutation, { minLength: 1, maxLength: 4 })
      .map((mutations): Step => ({ kind: 'write', mutations })),
  },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom('optimize' as const, 'rebuild' as const)
      .map((name): Step => ({ kind: 'command', name })),
  },
  { weight: 2, arbitrary: fc.integer({ min: 1, max: 40 }).map((pages): Step => ({ kind: 'merge', pages })) },
);

const weights: fc.Arbitrary<FtsWeights | undefined> = fc.option(
  fc.record({
    content: fc.double({ min: 0.1, max: 20, noNaN: true }),
    title: fc.constantFrom(0, 1, 2.5),
    url: fc.constantFrom(5, 0.3),
    path: fc.constantFrom(1, -1, 7),
  }),
  { nil: undefined, freq: 2 },
);

const query: fc.Arbitrary<FtsQuery> = fc.record({
  version: version.map((name) => ({ library: 'lib', version: name })),
  terms: fc.array(
    fc.oneof(
      word,
      fc.array(word, { minLength: 2, maxLength: 3 }).map((words) => words.join(' ')),
    ),
    { minLength: 1, maxLength: 5 },
  ),
  limit: fc.constantFrom(1, 3, 20, 1000),
  excludeStructural: fc.boolean(),
  weights,
});

/** True for queries left to the engine: a column with weight 0, a very long word, very many words. */
function isUnusual({ weights: given, terms }: FtsQuery): boolean {
  const counts: readonly number[] = Object.values(given ?? {});
  return (
    counts.some((weight) => weight <= 0) || terms.length > 64 || terms.some(({ length }) => length > 1000)
  );
}

describe('ranking by posting lists', () => {
  it('equals the engine, bit for bit, after any writes', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(32, 64, 300, 4050),
        fc.array(fc.tuple(step, fc.array(query, { minLength: 1, maxLength: 3 })), {
          minLength: 1,
          maxLength: 12,
        }),
        async (pageSize, story) => {
          const { file, own, engine } = await openBoth();
          command(file, 'pgsz', pageSize);
          command(file, 'crisismerge', 5);
          let unusual = 0;
          for (const [next, queries] of story) {
            if (next.kind === 'write') await own.apply(next.mutations);
            else if (next.kind === 'merge') command(file, 'merge', next.pages);
            else if (next.name === 'rebuild') await engine.fts.rebuild();
            else command(file, next.name);
            for (const asked of queries) {
              await expectSame(own, engine, asked);
              if (isUnusual(asked)) unusual += 1;
            }
          }
          expect((await own.inspect()).ftsCache?.refusals).toBeLessThanOrEqual(unusual);
          await own.close();
          await engine.close();
        },
      ),
      { numRuns: 40 },
    );
  });

  it('notices writes of other connections, even if a rebuild makes the index look unchanged', async () => {
    const { file, own, engine } = await openBoth();
    await own.apply([page('/a', [chunk('giraffe okapi')])]);
    await own.fts.rebuild();
    const find = async (term: string) => {
      const hits = await own.fts.match({ version: { versionId: 1 }, terms: [term], limit: 5 });
      return hits.map(({ chunkId }) => chunkId);
    };
    expect(await find('giraffe')).toEqual([1]);
    const other = new Database(file);
    other.exec("UPDATE documents SET content = 'panther okapi' WHERE id = 1");
    other.close();
    await engine.fts.rebuild();
    expect(await find('giraffe')).toEqual([]);
    expect(await find('panther')).toEqual([1]);
    await engine.apply([page('/b', [chunk('panther')])]);
    expect(await find('panther')).toEqual([2, 1]);
  });

  it('leaves versions with widely spread ids to the engine', async () => {
    const { own, engine } = await openBoth();
    await own.apply([
      page('/a', [chunk('zebra', { id: 5 }), chunk('zebra crossing', { id: 2 ** 45 })]),
      page('/b', [chunk('zebra', { id: 2 ** 52 })]),
    ]);
    const asked = { version: { versionId: 1 }, terms: ['zebra'], limit: 5 };
    expect(await own.fts.match(asked)).toHaveLength(3);
    await expectSame(own, engine, asked);
  });

  it('stays within its memory limit, and reports its use', async () => {
    const file = tempFile();
    const own = await openStore(`${file}?ftsCacheMiB=1`);
    const engine = await openStore(`${file}?ftsCacheMiB=0`);
    const long = (seed: number) =>
      Array.from({ length: 150 }, (_, i) => `word${(seed * 31 + i * i) % 90}`).join(' ');
    await own.apply([
      page(
        '/a',
        Array.from({ length: 900 }, (_, i) => chunk(long(i))),
      ),
    ]);
    for (let i = 0; i < 90; i++) {
      await expectSame(own, engine, { version: { versionId: 1 }, terms: [`word${i}`, 'word3'], limit: 20 });
    }
    const { ftsCache } = await own.inspect();
    expect(ftsCache?.limit).toBe(2 ** 20);
    expect(ftsCache?.bytes).toBeGreaterThan(2 ** 19);
    expect(ftsCache?.bytes).toBeLessThanOrEqual(2 ** 20);
    expect(ftsCache?.hits).toBeGreaterThan(89);
    expect(ftsCache?.loads).toBeGreaterThan(90);
    expect((await engine.inspect()).ftsCache).toMatchObject({ limit: 0, bytes: 0, entries: 0, loads: 0 });
  });
});

describe.skipIf(!haveFixtures)(`ranking real documentation${withoutFixtures}`, () => {
  it('equals the engine for thousands of real questions in three libraries', async () => {
    const { own, engine } = await openBoth();
    await own.vectors.reconcile({ model: 'openai:use-lite-512', dimension: 512, metric: 'l2' }, 'refuse');
    await own.apply(await legacyWrites('level-14-three-libraries.db.gz'));
    let asked = 0;
    let unusual = 0;
    for (const { version: target } of await own.catalog.overview()) {
      const ref = { versionId: target.id };
      for (const { chunks } of await own.catalog.snapshot({ version: ref, limit: 1000 })) {
        for (const { content: text, metadata } of chunks) {
          const words = text.split(/\s+/).slice(0, 7).join(' ');
          const heading = metadata.path.at(-1) ?? '';
          for (const question of [`How do I use ${heading}?`, `${heading} not working`, words]) {
            const real = { version: ref, terms: parseSearchText(question), limit: 10 };
            await expectSame(own, engine, real);
            asked += 1;
            if (isUnusual(real)) unusual += 1;
          }
        }
      }
    }
    expect(asked).toBeGreaterThan(1500);
    expect((await own.inspect()).ftsCache?.refusals).toBe(unusual);
  });
});
