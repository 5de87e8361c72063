import { MemoryBackend } from '@switchyard/storage-conformance/memory';
import fc from 'fast-check';
import Database from 'libsql';
import { describe, expect, it } from 'vitest';

describe('the scores of the reference backend and FTS5', () => {
  const words = [
    'zebra',
    'zebras',
    'okapi',
    'the',
    'routing',
    'routed',
    'crème',
    'x1',
    '文档',
    'a-b',
    'AND',
    '"',
  ];
  const text = fc.array(fc.constantFrom(...words), { maxLength: 9 }).map((parts) => parts.join(' '));
  const row = fc.record({
    content: text,
    title: text,
    url: fc.constantFrom('/a', '/zebra', 'https://x.y/okapi'),
    path: fc.array(text, { maxLength: 2 }),
  });
  const terms = fc.array(fc.constantFrom(...words, 'zebra okapi', 'the the'), { minLength: 1, maxLength: 4 });
  const weights = fc.record({
    content: fc.nat(9),
    title: fc.nat(9),
    url: fc.nat(9),
    path: fc.integer({ min: 1, max: 9 }),
  });

  it('are equal for random corpora, queries and weights, with the same hits in the same order', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(row, { minLength: 1, maxLength: 12, size: 'max' }),
        terms,
        weights,
        async (rows, given, by) => {
          const db = new Database(':memory:');
          db.exec(
            `CREATE VIRTUAL TABLE t USING fts5(content, title, url, path, tokenize = 'porter unicode61')`,
          );
          const insert = db.prepare(
            'INSERT INTO t (rowid, content, title, url, path) VALUES (?, ?, ?, ?, ?)',
          );
          const backend = new MemoryBackend();
          await backend.open();
          for (const [i, { content, title, url, path }] of rows.entries()) {
            insert.run([BigInt(i + 1), content, title, `${url}/${i}`, JSON.stringify(path)]);
            await backend.apply([
              {
                kind: 'replacePage',
                version: { library: 'l', version: '' },
                page: { url: `${url}/${i}`, title },
                chunks: [{ id: i + 1, content, metadata: { types: [], level: 0, path }, vector: null }],
              },
            ]);
          }
          const quoted = given.map((term) => `"${term.replaceAll('"', '""')}"`);
          const phrase = `"${given.join(' ').replaceAll('"', '""')}"`;
          const query = given.length === 1 ? (quoted[0] ?? '') : [phrase, ...quoted].join(' OR ');
          const expected = db
            .prepare(
              'SELECT rowid AS id, -bm25(t, ?, ?, ?, ?) AS score FROM t WHERE t MATCH ? ORDER BY score DESC, id',
            )
            .all([by.content, by.title, by.url, by.path, query]) as { id: number; score: number }[];
          const actual = await backend.fts.match({
            version: { library: 'l', version: '' },
            terms: given,
            limit: 99,
            weights: by,
          });
          expect(actual.map(({ chunkId }) => chunkId)).toEqual(expected.map(({ id }) => id));
          for (const [i, { score }] of actual.entries())
            expect(score).toBeCloseTo(expected[i]?.score ?? Number.NaN, 9);
          await backend.close();
          db.close();
        },
      ),
      { numRuns: 150 },
    );
  });
});
