import type { Variant } from './fuse.js';

/** Settings that applications are tuned to today. */
export const today: Variant = { rule: 'ranked-union' };

/** The preset `tuned`. */
export const tuned: Variant = { rule: 'reciprocal-rank', ftsWeight: 2 };

const both = (constant: number, vectorWeight: number, ftsWeight: number): Variant => ({
  rule: 'reciprocal-rank',
  constant,
  vectorWeight,
  ftsWeight,
});

/** Ways of fusing that the study compares, by name. */
export const fusionVariants: readonly (readonly [string, Variant])[] = [
  ['default: ranked union, k 60', today],
  ['full text only', { rule: 'reciprocal-rank', vectorWeight: 0 }],
  ['vectors only', { rule: 'reciprocal-rank', ftsWeight: 0 }],
  ['reciprocal rank, k 60', both(60, 1, 1)],
  ...[1, 5, 10, 20, 30, 120].map((k) => [`reciprocal rank, k ${k}`, both(k, 1, 1)] as const),
  ...[1, 5, 10, 20, 30].map((k) => [`ranked union, k ${k}`, { ...today, constant: k }] as const),
  ...[0.25, 0.5, 0.75, 1.5, 2, 3, 4].flatMap(
    (weight) =>
      [
        [`ranked union, full text × ${weight}`, { ...today, ftsWeight: weight }],
        [`reciprocal rank, full text × ${weight}`, both(60, 1, weight)],
      ] as const,
  ),
  ...[5, 10, 20].flatMap((k) =>
    [0.5, 1.5, 2, 3, 4].map(
      (weight) => [`reciprocal rank, k ${k}, full text × ${weight}`, both(k, 1, weight)] as const,
    ),
  ),
  ...[1, 1.5, 4, 8].map((overfetch) => [`over-fetch ${overfetch}`, { ...today, overfetch }] as const),
  ...[1, 2, 5, 20].map(
    (vectorMultiplier) => [`vector multiplier ${vectorMultiplier}`, { ...today, vectorMultiplier }] as const,
  ),
];

/** Weights of the columns in bm25: content, title, URL, heading path. */
export const weightVariants: readonly (readonly [string, readonly [number, number, number, number]])[] = [
  ['default: content 10, title 1, URL 5, path 1', [10, 1, 5, 1]],
  ['all 1', [1, 1, 1, 1]],
  ['URL 0', [10, 1, 0, 1]],
  ['title 5', [10, 5, 5, 1]],
  ['path 5', [10, 1, 5, 5]],
  ['title 5, path 5', [10, 5, 5, 5]],
  ['title 10, path 10', [10, 10, 5, 10]],
  ['title 20, path 10', [10, 20, 5, 10]],
  ['title 5, path 5, URL 1', [10, 5, 1, 5]],
];

/** Settings that were among the best on tune, the first being the one that changes least. */
export const plateauNames: readonly string[] = [
  'reciprocal rank, full text × 2',
  'reciprocal rank, full text × 3',
  'reciprocal rank, full text × 4',
  'reciprocal rank, k 10, full text × 1.5',
  'reciprocal rank, k 20, full text × 2',
];
