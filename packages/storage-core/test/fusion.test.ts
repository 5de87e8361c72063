import { fuse, RRF_K, resolveFusion } from '@switchyard/storage-core/backend';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

const vector = (...ids: number[]) => ids.map((chunkId, index) => ({ chunkId, distance: index + 1 }));
const words = (...ids: number[]) => ids.map((chunkId, index) => ({ chunkId, score: 10 - index }));
const none = new Set<number>();

it('a preset stands for its options', () => {
  expect(resolveFusion('tuned')).toEqual({ rule: 'reciprocal-rank', vectorWeight: 1, ftsWeight: 2 });
  expect(resolveFusion({ ftsWeight: 3 })).toEqual({ ftsWeight: 3 });
  expect(resolveFusion(undefined)).toEqual({});
});

describe('fuse, ranked-union', () => {
  it('ranks every candidate in both lists; missing ones rank last, by id', () => {
    const hits = fuse(vector(7, 3), words(9, 5), none);
    const places = new Map(hits.map((hit) => [hit.chunkId, [hit.vecRank, hit.ftsRank]]));
    expect(places.get(7)).toEqual([1, 4]); // absent from words, behind 9, 5 and the smaller id 3
    expect(places.get(3)).toEqual([2, 3]);
    expect(places.get(5)).toEqual([3, 2]);
    expect(places.get(9)).toEqual([4, 1]);
  });

  it('scores by weight / (60 + rank) in each list', () => {
    const [hit] = fuse(vector(1), words(1), none, { vectorWeight: 2, ftsWeight: 3 });
    expect(hit?.score).toBe(2 / (RRF_K + 1) + 3 / (RRF_K + 1));
  });

  it('orders equal scores by id, within a list and in the result', () => {
    const tied = [
      { chunkId: 9, distance: 1 },
      { chunkId: 4, distance: 1 },
    ];
    const hits = fuse(tied, [], none);
    expect(hits.map((hit) => [hit.chunkId, hit.vecRank])).toEqual([
      [4, 1],
      [9, 2],
    ]);
    expect(fuse(vector(2, 1), words(1, 2), none).map((hit) => hit.chunkId)).toEqual([1, 2]);
  });

  it('removes excluded chunks before ranking', () => {
    const hits = fuse(vector(1, 2, 3), words(2), new Set([2]));
    expect(hits.map((hit) => [hit.chunkId, hit.vecRank, hit.ftsRank])).toEqual([
      [1, 1, 1],
      [3, 2, 2],
    ]);
  });
});

describe('fuse, reciprocal-rank', () => {
  it('adds nothing for a list without the chunk', () => {
    const hits = fuse(vector(1), words(2, 1), none, { rule: 'reciprocal-rank' });
    expect(hits).toEqual([
      { chunkId: 1, score: 1 / 61 + 1 / 62, vecRank: 1, ftsRank: 2, distance: 1, ftsScore: 9 },
      { chunkId: 2, score: 1 / 61, vecRank: undefined, ftsRank: 1, distance: undefined, ftsScore: 10 },
    ]);
  });
});

it('returns every candidate once, with consecutive ranks from 1, for any lists', () => {
  const ids = fc.uniqueArray(fc.integer({ min: 1, max: 40 }));
  fc.assert(
    fc.property(ids, ids, ids, (near, match, out) => {
      const excluded = new Set(out);
      const hits = fuse(vector(...near), words(...match), excluded);
      const wanted = [...new Set([...near, ...match])].filter((id) => !excluded.has(id));
      expect(hits.map((hit) => hit.chunkId).sort((a, b) => a - b)).toEqual(wanted.sort((a, b) => a - b));
      const places = wanted.map((_, index) => index + 1);
      expect(hits.map((hit) => hit.vecRank).sort((a, b) => Number(a) - Number(b))).toEqual(places);
      expect(hits.map((hit) => hit.ftsRank).sort((a, b) => Number(a) - Number(b))).toEqual(places);
    }),
  );
});

/** The rule as BEHAVIOUR.md and the doc comments word it, without regard to speed. */
function byTheRule(
  near: ReturnType<typeof vector>,
  matches: ReturnType<typeof words>,
  excluded: ReadonlySet<number>,
  rule: 'ranked-union' | 'reciprocal-rank',
) {
  const ids = [...new Set([...near, ...matches].map(({ chunkId }) => chunkId))].filter(
    (id) => !excluded.has(id),
  );
  const distance = (id: number) => near.findLast(({ chunkId }) => chunkId === id)?.distance;
  const ftsScore = (id: number) => matches.findLast(({ chunkId }) => chunkId === id)?.score;
  const rankBy = (score: (id: number) => number | undefined) => {
    const absent = rule === 'ranked-union' ? 0 : undefined;
    const ranked = ids.filter((id) => (score(id) ?? absent) !== undefined);
    ranked.sort((a, b) => (score(b) ?? 0) - (score(a) ?? 0) || a - b);
    return (id: number) => (ranked.includes(id) ? ranked.indexOf(id) + 1 : undefined);
  };
  const vecRank = rankBy((id) => {
    const found = distance(id);
    return found === undefined ? undefined : 1 / (1 + found);
  });
  const ftsRank = rankBy(ftsScore);
  const share = (place: number | undefined) => (place === undefined ? 0 : 1 / (RRF_K + place));
  return ids
    .map((id) => ({
      chunkId: id,
      score: share(vecRank(id)) + share(ftsRank(id)),
      vecRank: vecRank(id),
      ftsRank: ftsRank(id),
      distance: distance(id),
      ftsScore: ftsScore(id),
    }))
    .sort((a, b) => b.score - a.score || a.chunkId - b.chunkId);
}

it('ranks lists of any scores, ties, duplicates and order by the rule', () => {
  const id = fc.integer({ min: 1, max: 12 });
  const near = fc.array(fc.record({ chunkId: id, distance: fc.constantFrom(0, 0.5, 1, 1e300, 2) }));
  const matches = fc.array(fc.record({ chunkId: id, score: fc.constantFrom(-1, -0, 0, 1e-6, 2, 3) }));
  fc.assert(
    fc.property(
      near,
      matches,
      fc.array(id, { maxLength: 3 }),
      fc.constantFrom('ranked-union' as const, 'reciprocal-rank' as const),
      (vectorList, ftsList, excluded, rule) => {
        expect(fuse(vectorList, ftsList, new Set(excluded), { rule })).toEqual(
          byTheRule(vectorList, ftsList, new Set(excluded), rule),
        );
      },
    ),
  );
});
