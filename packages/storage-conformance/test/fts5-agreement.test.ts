import { MemoryBackend, tokenize } from '@switchyard/storage-conformance/memory';
import fc from 'fast-check';
import Database from 'libsql';
import { stemmer } from 'stemmer';
import { describe, expect, it } from 'vitest';

/** Returns the tokens that FTS5 produces for each text with the given tokenizer. */
function fts5Tokens(texts: readonly string[], tokenizer: string): string[][] {
  const db = new Database(':memory:');
  db.exec(`
    CREATE VIRTUAL TABLE words USING fts5(text, tokenize = '${tokenizer}');
    CREATE VIRTUAL TABLE tokens USING fts5vocab('words', 'instance');
  `);
  db.exec('BEGIN');
  const insert = db.prepare('INSERT INTO words (rowid, text) VALUES (?, ?)');
  for (const [i, text] of texts.entries()) insert.run([BigInt(i + 1), text]);
  db.exec('COMMIT');
  const rows = db.prepare('SELECT doc, term, offset FROM tokens ORDER BY doc, offset').all([]) as {
    doc: number;
    term: string;
  }[];
  const tokens: string[][] = texts.map(() => []);
  for (const { doc, term } of rows) tokens[doc - 1]?.push(term);
  db.close();
  return tokens;
}

const stems =
  'relat condition valen digit conform radic differ vile analog vietnam predicat operat feudal decis hope call form sens trip happ fl abl agre plast bled motor sing conflat troubl siz hopp tann fall hiss fizz fail fil gyroscop homologou effect bowdler probat rat ceas control roll configur rout databas index vector documentat librar'.split(
    ' ',
  );
const suffixes =
  ' s es ies sses ed eed ing y ying ied ly er ers ational tional enci anci izer bli alli entli eli ousli ization ation ator alism iveness fulness ousness aliti iviti biliti logi icate ative alize iciti ical ful ness al ance ence ic able ible ant ement ment ent ion ou ism ate iti ous ive ize e ll'.split(
    ' ',
  );

describe('the tokenizer of the reference backend and FTS5', () => {
  it('stem English words alike', () => {
    const words = stems.flatMap((stem) => suffixes.map((suffix) => stem + suffix));
    const expected = fts5Tokens(words, 'porter unicode61');
    expect(words.map(tokenize)).toEqual(expected);
    expect(words.length).toBeGreaterThan(3_000);
  });

  it('differ for words with a double y before a suffix', () => {
    expect(fts5Tokens(['rxyyed', 'ulayyed'], 'porter unicode61')).toEqual([['rxy'], ['ulai']]);
    expect(['rxyyed', 'ulayyed'].map(stemmer)).toEqual(['rxyi', 'ulayi']);
  });

  it('leave short and long words alone', () => {
    const words = ['as', 'ins', 'is', `${'x'.repeat(63)}s`, `${'x'.repeat(64)}s`, 'és', 'ües'];
    expect(words.map(tokenize)).toEqual(fts5Tokens(words, 'porter unicode61'));
  });

  it('separate and fold the characters of the tested scripts alike', () => {
    const characters: string[] = [];
    const ranges = [
      [0x01, 0x52f], // Latin, Greek, Cyrillic and the combining marks
      [0x5d0, 0x5ea], // Hebrew
      [0x3041, 0x30ff], // Japanese
      [0x4e00, 0x4fff], // Chinese
      [0x1e00, 0x1fbc], // Latin and Greek with marks
      [0x2010, 0x205e], // punctuation
      [0x1f600, 0x1f640], // emoji that Unicode 6.1 knew
    ] as const;
    for (const [from, to] of ranges) {
      for (let code = from; code <= to; code++) characters.push(String.fromCodePoint(code));
    }
    const assigned = characters.filter((character) => /\P{Cn}/u.test(character));
    const texts = assigned.map((character) => `q${character}q`);
    const expected = fts5Tokens(texts, 'porter unicode61');
    const different = assigned.filter((_, i) => tokenize(texts[i] ?? '').join() !== expected[i]?.join());
    // Letters whose lower case was added after Unicode 6.1.
    expect(different).toEqual(['Ϳ', 'Ԩ', 'Ԫ', 'Ԭ', 'Ԯ']);
  });
});

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
