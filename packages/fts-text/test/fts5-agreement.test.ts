import { indexText, planFtsQuery, rankPostings, tokenize } from '@switchyard/fts-text';
import fc from 'fast-check';
import Database from 'libsql';
import { describe, expect, it } from 'vitest';
import { corpus, ftsStore, postingStore } from './support/corpus.js';
import { fts5Tokens } from './support/fts5.js';

const STEMS =
  'relat condition valen digit conform radic differ vile analog predicat operat decis hope hopp fall hiss fizz fil rat ceas control y ay yy xyz';
const SUFFIXES =
  ' s es ies sses ed eed ing y ying yed yyed ied ly er ational tional enci anci izer bli alli entli eli ousli ization ation ator alism iveness fulness ousness aliti iviti biliti logi icate ative alize iciti ical ful ness al ance ence ic able ible ant ement ment ent ion sion ou ism ate iti ous ive ize e ll';

function sample<T>(arbitrary: fc.Arbitrary<T>, count: number): T[] {
  return fc.sample(arbitrary, count);
}

describe('the tokenizer and FTS5', () => {
  it('stem all combinations of stems and suffixes alike', () => {
    const stems = STEMS.split(' ');
    const words = stems.flatMap((stem) => SUFFIXES.split(' ').map((suffix) => stem + suffix));
    expect(words.map(tokenize)).toEqual(fts5Tokens(words));
  });

  it('stem random words of few letters and their suffixes alike, also beyond ASCII', () => {
    const letter = fc.constantFrom(...'aeiouyyybcdlstwxz', 'é', 'ß', 'ж', '䀀', '文', '𐀀');
    const word = fc
      .tuple(fc.array(letter, { maxLength: 7 }), fc.constantFrom(...SUFFIXES.split(' ')))
      .map(([letters, suffix]) => letters.join('') + suffix);
    const words = sample(word, 20_000);
    expect(words.map(tokenize)).toEqual(fts5Tokens(words));
  });

  it('split random texts of all scripts alike, with accents, surrogates and NUL', () => {
    const codePoint = fc.oneof(
      fc.integer({ min: 0, max: 0x7f }),
      fc.integer({ min: 0x80, max: 0x52f }),
      fc.integer({ min: 0x530, max: 0xffff }),
      fc.integer({ min: 0x10000, max: 0x2ffff }),
      fc.constantFrom(
        0,
        0x300,
        0x301,
        0x323,
        0x345,
        0xfeff,
        0xfffd,
        0xfffe,
        0xffff,
        0xd800,
        0xdbff,
        0xdc00,
        0xdfff,
      ),
    );
    const text = fc.array(codePoint, { maxLength: 60 }).map((codes) => String.fromCodePoint(...codes));
    const texts = sample(text, 5_000);
    expect(texts.map(tokenize)).toEqual(fts5Tokens(texts));
  });

  it('treat long tokens alike', () => {
    const words = [
      ...[2, 3, 61, 62, 63, 64, 65].flatMap((length) =>
        ['s', 'ing', 'é'].map((end) => 'x'.repeat(length - 1) + end),
      ),
      ...['é', 'éd', '文', '𐀀', 'a䀀ing', 'a倀ing', 'aꀀed'].flatMap((word) => [
        word,
        `${word}s`,
        word.repeat(16),
      ]),
      ...[32_766, 32_767, 32_768, 32_769].flatMap((length) =>
        ['', 'x', 'é', 'éü', '文字', '𐀀𐀀'].map((end) => 'x'.repeat(length - 2) + end),
      ),
      '文'.repeat(20_000),
    ];
    expect(words.map(tokenize)).toEqual(fts5Tokens(words));
  });
});

describe('the ranking and FTS5', () => {
  it('are the same for random stores and queries: hits, order, scores', () => {
    let compared = 0;
    fc.assert(
      fc.property(corpus, ({ texts, queries }) => {
        const fts = ftsStore(texts);
        const store = postingStore(texts);
        for (const query of queries) {
          const expected = fts.match(query);
          const actual = store.match(query);
          expect(actual.map(({ chunkId }) => chunkId)).toEqual(expected.map(({ chunkId }) => chunkId));
          for (const [index, { score }] of actual.entries()) {
            const wanted = expected[index]?.score ?? Number.NaN;
            // The engine's natural logarithm and that of JavaScript may differ in the last bit.
            expect(Math.abs(score - wanted)).toBeLessThanOrEqual(1e-14 * Math.abs(wanted));
            compared += 1;
          }
        }
        fts.close();
      }),
      { numRuns: 60 },
    );
    expect(compared).toBeGreaterThan(500);
  });

  it('find long tokens that share their beginning apart', () => {
    const [one, other] = ['a', 'b'].map((end) => 'x'.repeat(5_000) + end);
    const texts = [one, other].map((content) => ({
      content: content as string,
      title: null,
      url: '/u',
      path: [],
    }));
    const { match } = postingStore(texts);
    const query = { terms: [other as string], limit: 9, weights: { content: 1, title: 1, url: 1, path: 1 } };
    expect(match(query).map(({ chunkId }) => chunkId)).toEqual([2]);
    const { terms } = indexText(texts[0] as (typeof texts)[0]);
    expect(Math.max(...terms.map(({ term }) => Buffer.byteLength(term)))).toBeLessThanOrEqual(256);
    expect(planFtsQuery([one as string]).terms).toEqual([terms[0]?.term]);
  });

  it('rank nothing in an empty store and without terms', () => {
    const plan = planFtsQuery(['word']);
    const nothing = { postings: [], lengths: new Map(), totals: { chunks: 0, tokens: 0 }, limit: 3 };
    expect(rankPostings({ plan, ...nothing })).toEqual([]);
    expect(planFtsQuery(['…', ' ', '\0'])).toEqual({ phrases: [], terms: [] });
  });
});

it('runs on an engine that has FTS5', () => {
  const db = new Database(':memory:');
  expect(db.pragma('compile_options')).toContainEqual({ compile_options: 'ENABLE_FTS5' });
  db.close();
});
