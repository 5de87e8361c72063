import {
  evaluateRun,
  meanOf,
  measureRanking,
  summarize,
  toPages,
  toQrels,
} from '@switchyard/search-evaluation';
import { describe, expect, it } from 'vitest';

const judgments = (grades: Record<string, number>) => new Map(Object.entries(grades));
/** Ideal and actual gains are written out with 1 / log2(rank + 1): 1, 0.6309298, 0.5, 0.4306766, 0.3868528, 0.3562072 … */
const six = (value: number) => Number(value.toFixed(6));
const measure = (ranking: string, grades: Record<string, number>) =>
  Object.fromEntries(
    Object.entries(measureRanking(ranking.split(' ').filter(Boolean), judgments(grades))).map(
      ([name, value]) => [name, six(value)],
    ),
  );

describe('examples worked by hand', () => {
  it('a graded ranking with a gap and a page that was not found', () => {
    // gains 3, 0, 2, 1: 3 + 2 × 0.5 + 0.4306766 = 4.4306766; ideal 3, 2, 1, 1: 3 + 1.2618595 + 0.5 + 0.4306766 = 5.1925361
    // exponential 7, 0, 3, 1: 8.9306766; ideal 7, 3, 1, 1: 7 + 1.8927893 + 0.5 + 0.4306766 = 9.8234659
    expect(measure('a x b c', { a: 3, b: 2, c: 1, d: 1 })).toEqual({
      mrr: 1,
      map: six((1 + 2 / 3 + 3 / 4) / 4),
      ndcg: 0.853278,
      ndcg_exp: 0.909117,
      ndcg_at_5: 0.853278,
      ndcg_at_10: 0.853278,
      ndcg_exp_at_5: 0.909117,
      ndcg_exp_at_10: 0.909117,
      recall_at_3: 0.5,
      recall_at_5: 0.75,
      recall_at_10: 0.75,
      hit_at_1: 1,
      hit_at_3: 1,
      hit_at_5: 1,
    });
  });

  it('relevant pages below the cut-offs', () => {
    // ranks 4, 6 and 11: at 5 only the grade 1 counts, 0.4306766 / (2 + 0.6309298 × 2 + 0.5) = 0.4306766 / 3.7618595
    // at 10: (0.4306766 + 2 × 0.3562072) / 3.7618595; whole: + 2 / log2(12) = 0.5578859
    expect(measure('x1 x2 x3 a x4 b x5 x6 x7 x8 c', { a: 1, b: 2, c: 2 })).toMatchObject({
      mrr: 0.25,
      map: six((1 / 4 + 2 / 6 + 3 / 11) / 3),
      ndcg_at_5: 0.114485,
      ndcg_at_10: 0.303863,
      ndcg: 0.452164,
      recall_at_3: 0,
      recall_at_5: 0.333333,
      recall_at_10: 0.666667,
      hit_at_1: 0,
      hit_at_3: 0,
      hit_at_5: 1,
    });
  });

  it('one relevant page at rank 2, with one judged not relevant before it', () => {
    expect(measure('n a', { a: 3, n: 0 })).toMatchObject({
      mrr: 0.5,
      map: 0.5,
      ndcg: 0.63093,
      ndcg_exp: 0.63093,
      hit_at_1: 0,
      hit_at_3: 1,
    });
  });
});

describe('measureRanking', () => {
  it('gives 0 for an empty ranking and for a query without relevant pages', () => {
    for (const measures of [
      measureRanking([], judgments({ a: 1 })),
      measureRanking(['a'], judgments({ a: 0 })),
    ]) {
      expect(Object.values(measures).every((value) => value === 0)).toBe(true);
    }
  });

  it('refuses a ranking that repeats a document', () => {
    expect(() => measureRanking(['a', 'a'], judgments({ a: 1 }))).toThrow(TypeError);
  });

  it('lets negative grades gain nothing', () => {
    expect(measureRanking(['n', 'a'], judgments({ a: 1, n: -1 })).ndcg).toBeCloseTo(0.63093, 6);
  });
});

it('counts the chunks of a page once, at the rank of the best', () => {
  const hit = (url: string, score: number) => ({ url, score });
  expect(toPages([hit('a#x', 3), hit('b', 2), hit('a', 1), hit('c', 0)])).toEqual([
    { document: 'a', score: 3 },
    { document: 'b', score: 2 },
    { document: 'c', score: 0 },
  ]);
});

describe('averages', () => {
  const query = (id: string, library: string, intent: string | null) => ({
    id,
    library,
    version: null,
    text: id,
    intent,
    judgments: judgments({ a: 1 }),
  });
  const dataset = {
    name: 'three',
    queries: [query('1', 'Pino', 'api'), query('2', 'pino', 'concept'), query('3', 'undici', null)],
  };
  const run = new Map([
    ['1', [{ document: 'a', score: 1 }]],
    [
      '2',
      [
        { document: 'x', score: 1 },
        { document: 'a', score: 0.5 },
      ],
    ],
  ]);

  it('count every judged query, a missing one as 0', () => {
    const { queries, mean } = evaluateRun(run, toQrels(dataset));
    expect(mean.mrr).toBe(0.5);
    expect(summarize(dataset, queries)).toEqual({
      dataset: 'three',
      queries: 3,
      ir: expect.objectContaining({ mrr: 0.5, hit_at_1: 1 / 3 }),
      intents: {
        api: { queries: 1, ir: expect.objectContaining({ mrr: 1 }) },
        concept: { queries: 1, ir: expect.objectContaining({ mrr: 0.5 }) },
      },
      libraries: {
        pino: { queries: 2, ir: expect.objectContaining({ mrr: 0.75 }) },
        undici: { queries: 1, ir: expect.objectContaining({ mrr: 0 }) },
      },
    });
    const nine = [
      'mrr',
      'recall_at_3',
      'recall_at_5',
      'recall_at_10',
      'ndcg_at_5',
      'ndcg_at_10',
      'hit_at_1',
      'hit_at_3',
      'hit_at_5',
    ];
    expect(Object.keys(summarize(dataset, queries).ir)).toEqual(nine);
  });

  it('leave out queries without results only when asked', () => {
    expect(evaluateRun(run, toQrels(dataset), { average: 'retrieved' }).mean.mrr).toBe(0.75);
    expect(meanOf([]).ndcg).toBe(0);
  });
});
