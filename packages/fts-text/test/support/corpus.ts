import {
  countPhrases,
  type FtsText,
  fts5Expression,
  indexText,
  type Posting,
  planFtsQuery,
  rankPostings,
  rankTexts,
} from '@switchyard/fts-text';
import type { FtsWeights } from '@switchyard/storage-core';
import type { FtsHit } from '@switchyard/storage-core/backend';
import fc from 'fast-check';
import Database from 'libsql';

export interface Query {
  readonly terms: readonly string[];
  readonly limit: number;
  readonly weights: FtsWeights;
}

const WORDS = 'zebra zebras okapi the routing routed crème x1 文档 a-b AND " Größe ёж é\u0301 yyed 𐀀 ﬁ'.split(
  ' ',
);

const words = fc
  .array(fc.constantFrom(...WORDS, '\0', '\ud800', '…'), { maxLength: 12 })
  .map((parts) => parts.join(' '));
const text: fc.Arbitrary<FtsText> = fc.record({
  content: words,
  title: fc.option(words),
  url: fc.constantFrom('/a', '/zebra', 'https://x.y/okapi?the=1'),
  path: fc.array(words, { maxLength: 2 }),
});
const weight = fc.constantFrom(0, 0.1, 0.7, 1, 3, 5, 10);
const query: fc.Arbitrary<Query> = fc.record({
  terms: fc.array(fc.oneof(fc.constantFrom(...WORDS, 'zebra okapi', 'the the', '!', ' ', '\0'), words), {
    minLength: 1,
    maxLength: 4,
  }),
  limit: fc.integer({ min: 0, max: 40 }),
  weights: fc.record({ content: weight, title: weight, url: weight, path: weight }),
});

/** Texts of a store, and queries. */
export const corpus = fc.record({
  texts: fc.array(text, { minLength: 1, maxLength: 40, size: 'max' }),
  queries: fc.array(query, { minLength: 1, maxLength: 12, size: 'max' }),
});

/** The texts in FTS5; their ids count from 1. */
export function ftsStore(texts: readonly FtsText[]) {
  const db = new Database(':memory:');
  db.exec(`CREATE VIRTUAL TABLE t USING fts5(content, title, url, path, tokenize = 'porter unicode61')`);
  const insert = db.prepare('INSERT INTO t (rowid, content, title, url, path) VALUES (?, ?, ?, ?, ?)');
  for (const [index, { content, title, url, path }] of texts.entries()) {
    insert.run(BigInt(index + 1), content, title ?? null, url, JSON.stringify(path));
  }
  const find = db.prepare(`
    SELECT rowid AS chunkId, -bm25(t, ?, ?, ?, ?) AS score FROM t WHERE t MATCH ? ORDER BY score DESC, chunkId LIMIT ?`);
  return {
    match: ({ terms, limit, weights: { content, title, url, path } }: Query): FtsHit[] => {
      const expression = fts5Expression(terms);
      return expression === null ? [] : (find.all(content, title, url, path, expression, limit) as FtsHit[]);
    },
    close: () => db.close(),
  };
}

/** The same texts as postings. */
export function postingStore(texts: readonly FtsText[]) {
  const indexed = texts.map(indexText);
  const lengths = new Map(indexed.map(({ length }, index) => [index + 1, length]));
  const postings = indexed.flatMap(({ terms }, index) =>
    terms.map((term): Posting => ({ ...term, chunkId: index + 1 })),
  );
  const totals = { chunks: texts.length, tokens: indexed.reduce((sum, { length }) => sum + length, 0) };
  return {
    match: ({ terms, limit, weights }: Query): FtsHit[] =>
      rankPostings({ plan: planFtsQuery(terms), postings, lengths, totals, limit, weights }),
    /** Ranks a part of the chunks from their terms in memory. */
    rankSome: ({ terms, ...query }: Query, isWanted: (id: number) => boolean): FtsHit[] =>
      rankTexts(
        terms,
        indexed.map((text, index) => ({ chunkId: index + 1, indexed: text, isWanted: isWanted(index + 1) })),
        query,
      ),
    /** Ranks a part of the chunks, with the counts of all. */
    matchSome: ({ terms, limit, weights }: Query, isWanted: (id: number) => boolean): FtsHit[] => {
      const plan = planFtsQuery(terms);
      return rankPostings({
        plan,
        postings: postings.filter(({ chunkId }) => isWanted(chunkId)),
        counts: countPhrases(plan, postings),
        lengths: new Map([...lengths].filter(([id]) => isWanted(id))),
        totals,
        limit,
        weights,
      });
    },
  };
}
