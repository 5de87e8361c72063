import { parseSearchText, type StorageBackend } from '@switchyard/storage-core';
import Database from 'libsql';
import { describe, expect, it } from 'vitest';
import { chunk, fastify, openStore, page } from './support/store.js';
import { tempFile } from './support/temp.js';

const words = ['alpha', 'beta', 'gamma', 'delta', 'epsilon', 'zeta', 'eta', 'theta', 'iota', 'kappa'];

function text(seed: number, length: number): string {
  return Array.from({ length }, (_, i) => words[(seed * 7 + i * i * 3 + seed * i) % words.length]).join(' ');
}

/** Three versions whose chunks stand in one another's range of ids. */
async function mixedStore(connection: string): Promise<StorageBackend> {
  const store = await openStore(connection);
  for (let round = 0; round < 12; round++) {
    await store.apply(
      ['1', '2', '3'].map((version) =>
        page(
          `/${round}`,
          Array.from({ length: 4 }, (_, i) =>
            chunk(text(round * 4 + i + Number(version), 5 + ((round * i) % 9)), {
              metadata: { types: i === 3 ? ['text', 'structural'] : ['text'], level: 0, path: [`H${round}`] },
            }),
          ),
          { library: 'fastify', version },
        ),
      ),
    );
  }
  return store;
}

describe('a search by words', () => {
  it.each([false, true])(
    'gives what FTS5 gives for all chunks, less other versions (structural left out: %s)',
    async (excludeStructural) => {
      const file = tempFile();
      const store = await mixedStore(file);
      const plain = new Database(file);
      for (const version of ['1', '2', '3']) {
        for (const terms of [['zeta'], ['eta', 'theta'], ['alpha', 'iota', 'kappa']]) {
          const expression = [terms.join(' '), ...(terms.length > 1 ? terms : [])]
            .map((term) => `"${term}"`)
            .join(' OR ');
          const expected = plain
            .prepare(
              `SELECT documents.id AS chunkId, -bm25(documents_fts, 10, 1, 5, 1) AS score
             FROM documents_fts
             JOIN documents ON documents.id = documents_fts.rowid
             JOIN pages ON pages.id = documents.page_id
             JOIN versions ON versions.id = pages.version_id
             WHERE documents_fts MATCH ? AND versions.name = ?
               AND (? = 0 OR documents.metadata NOT LIKE '%structural%')
             ORDER BY score DESC, chunkId`,
            )
            .all([expression, version, excludeStructural ? 1n : 0n]) as { chunkId: number; score: number }[];
          const query = { version: { library: 'fastify', version }, terms, excludeStructural };
          expect(await store.fts.match({ ...query, limit: 1000 })).toEqual(expected);
          expect(await store.fts.match({ ...query, limit: 5 })).toEqual(expected.slice(0, 5));
        }
      }
      plain.close();
    },
  );

  it('orders equal scores by id, also at the limit', async () => {
    const store = await openStore();
    await store.apply([
      page(
        '/a',
        Array.from({ length: 9 }, () => chunk('the same text')),
      ),
    ]);
    const hits = await store.fts.match({ version: fastify, terms: ['same'], limit: 4 });
    expect(hits.map(({ chunkId }) => chunkId)).toEqual([1, 2, 3, 4]);
    expect(new Set(hits.map(({ score }) => score)).size).toBe(1);
  });

  it('of many words returns the scores of FTS5 for all of them at once', async () => {
    const file = tempFile();
    const store = await mixedStore(file);
    const plain = new Database(file);
    const terms = Array.from({ length: 150 }, (_, i) =>
      i % 3 === 0 ? `unknown${i}` : (words[(i * i) % words.length] as string),
    );
    const expression = [terms.join(' '), ...terms].map((term) => `"${term}"`).join(' OR ');
    const expected = plain
      .prepare(
        `SELECT rowid AS chunkId, -bm25(documents_fts, 10, 1, 5, 1) AS score
         FROM documents_fts
         WHERE documents_fts MATCH ? AND rowid IN (SELECT id FROM documents WHERE version_id = 2)`,
      )
      .all([expression]) as { chunkId: number; score: number }[];
    const hits = await store.fts.match({ version: { versionId: 2 }, terms, limit: 1000 });
    expect(hits).toHaveLength(expected.length);
    const scores = new Map(expected.map(({ chunkId, score }) => [chunkId, score]));
    for (const { chunkId, score } of hits)
      expect(score / (scores.get(chunkId) ?? Number.NaN)).toBeCloseTo(1, 10);
    plain.close();
  });

  it.each([
    ['operators', 'alpha AND NOT beta* OR ^gamma NEAR(delta, 2) col:eta {a b} - +'],
    ['quotes', '"""'],
    ['an unclosed quote', 'alpha "beta'],
    ['punctuation only', '*()^:;-+{}[]?!'],
    ['a NUL', 'alpha\0beta "gamma\0"'],
    ['half a surrogate pair', 'alpha \ud83d beta \udc00'],
    ['thousands of words', 'alpha beta '.repeat(5000)],
    ['a hundred thousand characters in one word', 'x'.repeat(100_000)],
    ['a hundred thousand characters', 'alpha, «zeta» 1.2.3 ".." '.repeat(4000)],
  ])('accepts any input: %s', async (_, typed) => {
    const store = await mixedStore(':memory:');
    const hits = await store.fts.match({
      version: { versionId: 1 },
      terms: parseSearchText(typed),
      limit: 5,
    });
    expect(hits.length > 0).toBe(/alpha/.test(typed));
  });

  it('removes the texts of deleted and replaced chunks from all statistics', async () => {
    const file = tempFile();
    const store = await openStore(file);
    const write = () =>
      store.apply([
        page('/a', [chunk('zebra okapi'), chunk('okapi lion tiger')]),
        page('/b', [chunk('lion')]),
      ]);
    await write();
    const search = () => store.fts.match({ version: fastify, terms: ['zebra'], limit: 5 });
    const [before] = await search();
    for (let i = 0; i < 20; i++) {
      await store.apply([
        page('/gone', [chunk(`zebra ${text(i, 50)}`)]),
        page('/a', [chunk('something else')]),
      ]);
      await store.apply([{ kind: 'deletePage', page: { version: fastify, url: '/gone' } }]);
    }
    await write();
    expect((await search()).map(({ score }) => score)).toEqual([before?.score]);
  });
});

describe('the audit of full text', () => {
  it('finds missing, leftover and wrong entries, and a rebuild repairs them', async () => {
    const file = tempFile();
    const store = await openStore(file);
    await store.apply([page('/a', [chunk('zebra'), chunk('okapi'), chunk('lion')])]);
    expect(await store.fts.audit()).toEqual({ checked: 3, problems: [] });

    const other = new Database(file);
    other.exec(
      "INSERT INTO documents_fts (documents_fts, rowid, content, title, url, path) SELECT 'delete', id, content, title, url, path FROM documents_text WHERE id = 1",
    );
    other.exec("INSERT INTO documents_fts (rowid, content) VALUES (77, 'stray')");
    expect((await store.fts.audit()).problems.map(({ kind, chunkId }) => [kind, chunkId])).toEqual([
      ['missing', 1],
      ['orphan', 77],
    ]);
    await store.fts.rebuild();
    expect((await store.fts.audit()).problems).toEqual([]);

    other.exec("UPDATE documents SET content = 'giraffe' WHERE id = 2");
    expect((await store.fts.audit()).problems.map(({ kind }) => kind)).toEqual(['damaged']);
    await store.fts.rebuild();
    expect((await store.fts.audit()).problems).toEqual([]);
    expect(await store.fts.match({ version: fastify, terms: ['giraffe'], limit: 5 })).toHaveLength(1);
    other.close();
  });
});
