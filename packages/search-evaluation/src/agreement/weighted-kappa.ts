/**
 * Cohen's weighted kappa (1968) of two raters: 1 for full agreement, 0 for what chance would give. With quadratic
 * weights, confusing grades 1 and 3 counts four times as much as confusing 1 and 2.
 *
 * @param pairs Grades by both raters, integers.
 * @param weights Default `quadratic`.
 * @returns NaN when both raters give one single grade throughout, so that chance cannot be told from agreement.
 *
 * @example
 * ```ts
 * weightedKappa([[0, 0], [1, 2], [3, 3]]); // 0.896552
 * ```
 */
export function weightedKappa(
  pairs: readonly (readonly [number, number])[],
  weights: 'quadratic' | 'linear' = 'quadratic',
): number {
  const distance = (a: number, b: number) => (weights === 'linear' ? Math.abs(a - b) : (a - b) ** 2);
  const observed = pairs.reduce((sum, [a, b]) => sum + distance(a, b), 0) / pairs.length;
  let expected = 0;
  for (const [a] of pairs) {
    for (const [, b] of pairs) expected += distance(a, b);
  }
  return 1 - observed / (expected / pairs.length ** 2);
}
