import {
  columnOf,
  findPhrase,
  fts5Expression,
  indexText,
  packPlaces,
  placeOf,
  planFtsQuery,
  unpackPlaces,
} from '@switchyard/fts-text';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { corpus, postingStore } from './support/corpus.js';

describe('indexText', () => {
  it('returns the terms of all columns and their places', () => {
    const text = { content: 'Routes and more routes', title: 'Routing', url: '/r', path: ['Guide'] };
    const { length, terms } = indexText(text);
    expect(length).toBe(7);
    expect(terms).toEqual([
      { term: 'rout', places: [placeOf(0, 0), placeOf(0, 3), placeOf(1, 0)] },
      { term: 'and', places: [placeOf(0, 1)] },
      { term: 'more', places: [placeOf(0, 2)] },
      { term: 'r', places: [placeOf(2, 0)] },
      { term: 'guid', places: [placeOf(3, 0)] },
    ]);
  });

  it('finds no phrase across columns', () => {
    const { terms } = indexText({ content: 'one', title: 'two', url: '', path: [] });
    expect(findPhrase(terms.map(({ places }) => places))).toEqual([]);
  });
});

describe('places', () => {
  it('fit into 32 bits with a sign', () => {
    expect(placeOf(3, 2 ** 28 - 2)).toBeLessThan(2 ** 31);
    expect(columnOf(placeOf(3, 2 ** 28 - 2))).toBe(3);
    expect(() => placeOf(0, 2 ** 28)).toThrow(RangeError);
  });

  it('are packed without loss', () => {
    const places = fc
      .uniqueArray(fc.oneof(fc.nat(300), fc.nat(2 ** 30)), { maxLength: 50 })
      .map((list) => list.sort((a, b) => a - b));
    fc.assert(
      fc.property(places, (list) => {
        expect(unpackPlaces(packPlaces(list))).toEqual(list);
      }),
    );
  });

  it('are refused when they are damaged', () => {
    expect(() => unpackPlaces(Uint8Array.of(0x80))).toThrow('incomplete');
    expect(() => unpackPlaces(Uint8Array.of(0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 1))).toThrow('damaged');
  });
});

describe('a query', () => {
  it('is the phrase of all terms and each term', () => {
    expect(planFtsQuery(['reply', 'route options'])).toEqual({
      phrases: [['repli', 'rout', 'option'], ['repli'], ['rout', 'option']],
      terms: ['repli', 'rout', 'option'],
    });
    expect(planFtsQuery(['a b'])).toEqual({ phrases: [['a', 'b']], terms: ['a', 'b'] });
  });
});

describe('fts5Expression', () => {
  it.each([
    [['plugin'], '"plugin"'],
    [['register', 'a plugin'], '"register a plugin" OR "register" OR "a plugin"'],
    [['say "hi"', 'NOT'], '"say ""hi"" NOT" OR "say ""hi""" OR "NOT"'],
    [['a\0b'], '"a b"'],
    [['\ud800x', '😀'], '"\uFFFDx 😀" OR "\uFFFDx" OR "😀"'],
    [[' ', 'only', '\0'], '"only"'],
  ])('of %j is %s', (terms, expression) => {
    expect(fts5Expression(terms)).toBe(expression);
  });

  it.each([[[]], [['']], [[' ', '\0', '\t']]])('of %j is nothing', (terms) => {
    expect(fts5Expression(terms)).toBeNull();
  });
});

describe('a ranking of some chunks', () => {
  it('is that of all chunks without the others', () => {
    fc.assert(
      fc.property(corpus, fc.integer({ min: 2, max: 3 }), ({ texts, queries }, every) => {
        const store = postingStore(texts);
        for (const query of queries) {
          const isWanted = (id: number) => id % every === 0;
          const all = store.match({ ...query, limit: 999 }).filter(({ chunkId }) => isWanted(chunkId));
          expect(store.matchSome(query, isWanted)).toEqual(all.slice(0, query.limit));
          expect(store.rankSome(query, isWanted)).toEqual(all.slice(0, query.limit));
        }
      }),
      { numRuns: 40 },
    );
  });
});
