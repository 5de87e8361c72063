import type { Random } from './random.js';

/**
 * Two-sided paired randomization test: under the hypothesis that both stores are alike, each difference is as likely to
 * have the other sign. Up to 12 pairs all signs are tried; with more, `rounds` random ones are, and the p-value counts
 * the observed signs as one of them, so that it is never 0.
 *
 * @param differences One for each query.
 */
export function pairedRandomizationTest(
  differences: readonly number[],
  { rounds, random }: { readonly rounds: number; readonly random: Random },
): number {
  const observed = Math.abs(differences.reduce((sum, difference) => sum + difference, 0));
  // Sums in another order differ in their last digits.
  const reached = observed - 1e-12 * (1 + observed);
  const sumOf = (isFlipped: (index: number) => boolean) =>
    Math.abs(
      differences.reduce((sum, difference, index) => sum + (isFlipped(index) ? -difference : difference), 0),
    );
  if (differences.length <= 12) {
    const all = 2 ** differences.length;
    let extreme = 0;
    for (let signs = 0; signs < all; signs++) {
      if (sumOf((index) => ((signs >> index) & 1) === 1) >= reached) extreme += 1;
    }
    return extreme / all;
  }
  let extreme = 1;
  for (let round = 0; round < rounds; round++) if (sumOf(() => random() < 0.5) >= reached) extreme += 1;
  return extreme / (rounds + 1);
}
