import type { VectorContender, VectorIndexUnderTest } from '../contenders/vector-contender.js';
import { type VectorSet, vectorAt } from '../harness/ground-truth.js';
import { loadPeer } from './load.js';

interface Orama {
  create(options: { schema: Record<string, string> }): unknown;
  insertMultiple(database: unknown, rows: readonly object[], batchSize: number): Promise<unknown>;
  searchVector(
    database: unknown,
    options: { vector: { value: number[]; property: string }; similarity: number; limit: number },
  ): Promise<{ readonly hits: readonly { readonly id: string }[] }>;
}

const NAME = '@orama/orama';

/** In memory; scans all rows and keeps those above a similarity, here all of them. */
export const orama: VectorContender = {
  name: NAME,
  parameters: 'in memory, cosine, similarity 0, exact',
  peer: true,
  sensibleUpTo: 50_000,
  build,
};

async function build(set: VectorSet): Promise<VectorIndexUnderTest> {
  const { create, insertMultiple, searchVector } = await loadPeer<Orama>(NAME);
  const database = create({ schema: { embedding: `vector[${set.dim}]` } });
  const rows = Array.from({ length: set.count }, (_, row) => ({
    id: String(row),
    embedding: Array.from(vectorAt(set, row)),
  }));
  await insertMultiple(database, rows, 1_000);
  return {
    async search(query, k) {
      const vector = { value: Array.from(query), property: 'embedding' };
      const { hits } = await searchVector(database, { vector, similarity: 0, limit: k });
      return hits.map(({ id }) => Number(id));
    },
    close: () => undefined,
  };
}
