import { type CandidateRequest, fuse } from '@switchyard/storage-core/backend';
import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { bruteForce } from './support/brute-force.js';
import { Reader } from './support/reader.js';
import { recordStatements } from './support/statements.js';
import { chunk, openStore, page } from './support/store.js';
import { tempFile } from './support/temp.js';

const DIMENSION = 8;
const version = { library: 'l', version: '1' } as const;
const animals = ['zebra', 'okapi', 'quagga', 'giraffe'];

afterEach(() => {
  vi.restoreAllMocks();
});

function request(vector: Float32Array, limit = 5): CandidateRequest {
  return {
    versions: [version],
    vector: { values: vector, limit: limit * 20 },
    fts: { terms: ['zebra', 'okapi'], limit: limit * 2 },
    fusion: { limit },
  };
}

/** The statements between BEGIN and COMMIT, of which there must be one each. */
function inTransaction(statements: readonly string[]): readonly string[] {
  expect(statements.filter((sql) => sql === 'BEGIN')).toHaveLength(1);
  expect(statements[0]).toBe('BEGIN');
  expect(statements.at(-1)).toBe('COMMIT');
  return statements.slice(1, -1);
}

describe('a warm search of a local file', () => {
  const one = Float32Array.from({ length: DIMENSION }, (_, at) => at + 1);

  async function warmStore() {
    const statements = recordStatements();
    const store = await openStore(tempFile());
    await store.vectors.reconcile({ model: 'm', dimension: DIMENSION, metric: 'l2' }, 'refuse');
    const chunks = Array.from({ length: 60 }, (_, at) =>
      chunk(`${animals[at % 4]} ${animals[(at * 3) % 4]} ${at}`, {
        vector: one.map((component) => component * (at % 11)),
        metadata: { types: at % 7 === 0 ? ['structural'] : ['text'], level: 1, path: [] },
      }),
    );
    await store.apply([page('https://a/', chunks, version)]);
    // The first search loads the codes, the second one reserves room for vectors, and all of them fit into its limit.
    for (let search = 0; search < 2; search++) await store.candidates?.(request(one));
    statements.splice(0);
    return { store, statements };
  }

  it('of vectors and full text runs two statements in its transaction: state, rows', async () => {
    const { store, statements } = await warmStore();
    // Another vector and another limit; the words are known.
    const candidates = await store.candidates?.(
      request(
        one.map((component) => -component),
        7,
      ),
    );
    expect(candidates?.fused).toHaveLength(7);
    expect(candidates?.rows).toHaveLength(7);
    expect(candidates?.structural.length).toBeGreaterThan(0);
    expect(inTransaction(statements)).toHaveLength(2);
  });

  it('with the context of its hits runs two as well: state, hits and relatives', async () => {
    const { store, statements } = await warmStore();
    const context = { parent: true, children: 5, precedingSiblings: 2, subsequentSiblings: 2 };
    const candidates = await store.candidates?.({ ...request(one, 7), context });
    expect(candidates?.relatives).toHaveLength(7);
    expect(candidates?.rows).toHaveLength(7);
    expect(inTransaction(statements)).toHaveLength(2);
  });

  it('of vectors runs one: state', async () => {
    const { store, statements } = await warmStore();
    expect(await store.vectors.nearest({ version, vector: one, limit: 5 })).toHaveLength(5);
    expect(inTransaction(statements)).toHaveLength(1);
  });

  it('of full text runs one: state', async () => {
    const { store, statements } = await warmStore();
    expect(await store.fts.match({ version, terms: ['zebra', 'okapi'], limit: 5 })).toHaveLength(5);
    expect(inTransaction(statements)).toHaveLength(1);
  });
});

/** A write by another connection. Chunks have ids of their own, which come back with other vectors. */
type Write =
  | { readonly kind: 'page'; readonly at: number; readonly values: readonly number[] }
  | { readonly kind: 'deletePages' | 'removeVersion' }
  | { readonly kind: 'reset'; readonly dimension: number; readonly metric: 'l2' | 'cosine' };

const component = fc.integer({ min: -4, max: 4 });
const write: fc.Arbitrary<Write> = fc.oneof(
  {
    weight: 9,
    arbitrary: fc.record({
      kind: fc.constant('page' as const),
      at: fc.nat(5),
      values: fc.array(component, { minLength: 1, maxLength: 8 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constantFrom('deletePages' as const, 'removeVersion' as const) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('reset' as const),
      dimension: fc.integer({ min: 3, max: 11 }),
      metric: fc.constantFrom('l2' as const, 'cosine' as const),
    }),
  },
);

describe('a search after another connection wrote', () => {
  it('is that of the store as it is now, by vector and by both', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(write, { minLength: 5, maxLength: 25 }), fc.nat(), async (writes, seed) => {
        const file = tempFile();
        const writer = await openStore(file);
        await writer.vectors.reconcile({ model: 'm', dimension: DIMENSION, metric: 'l2' }, 'refuse');
        const searcher = await openStore(file);
        const judge = new Reader(file);
        let dimension = DIMENSION;
        for (const [round, next] of writes.entries()) {
          if (next.kind === 'page') {
            const chunks = next.values.map((value, i) =>
              chunk(`${animals[i % 4]} ${animals[round % 4]}`, {
                id: next.at * 10 + i + 1,
                vector: Float32Array.from({ length: dimension }, (_, j) => value + ((i * j + round) % 3)),
                metadata: { types: (i + round) % 3 === 0 ? ['structural'] : ['text'], level: 1, path: [] },
              }),
            );
            await writer.apply([page(`https://a/${next.at}`, chunks, version)]);
          } else if (next.kind === 'reset') {
            dimension = next.dimension;
            await writer.vectors.reconcile({ model: `m${round}`, dimension, metric: next.metric }, 'reset');
          } else await writer.apply([{ kind: next.kind, version }]);
          const vector = Float32Array.from({ length: dimension }, (_, j) => ((seed + round * j) % 7) - 3);
          for (let search = 0; search < 2; search++) {
            const [{ id } = { id: -1 }] = judge.driver.all<{ id: number }>(
              "SELECT versions.id FROM versions JOIN libraries ON libraries.id = library_id WHERE libraries.name = 'l'",
            );
            const expected = bruteForce(judge.driver, judge.profile, id, vector, 7);
            expect(await searcher.vectors.nearest({ version, vector, limit: 7 })).toEqual(expected);
            const asked = request(vector);
            const found = await searcher.candidates?.(asked);
            expect(found?.vector).toEqual(bruteForce(judge.driver, judge.profile, id, vector, 100));
            const structural = await structuralChunks(judge, id);
            const listed = new Set(
              [...(found?.vector ?? []), ...(found?.fts ?? [])].map((hit) => hit.chunkId),
            );
            expect(new Set(found?.structural)).toEqual(
              new Set(structural.filter((chunkId) => listed.has(chunkId))),
            );
            expect(found?.fused).toEqual(
              fuse(found?.vector ?? [], found?.fts ?? [], new Set(structural)).slice(0, 5),
            );
          }
        }
        judge.close();
        await searcher.close();
        await writer.close();
      }),
      { numRuns: 12 },
    );
  });
});

async function structuralChunks(judge: Reader, versionId: number): Promise<number[]> {
  return judge.driver
    .all<{ id: number }>('SELECT id FROM documents WHERE version_id = ?1 AND structural = 1', [versionId])
    .map(({ id }) => id);
}
