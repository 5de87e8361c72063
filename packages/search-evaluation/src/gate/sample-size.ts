import { z } from './normal.js';

/** Standard deviation of per-query differences in nDCG that plans assume when none was measured. */
export const PLANNED_DEVIATION = 0.25;

/**
 * Returns the smallest difference of means that a number of questions detects: two-sided at 5 %, with a power of 80 %,
 * by the normal approximation.
 *
 * @example
 * ```ts
 * smallestDetectableEffect(120); // 0.064
 * ```
 */
export function smallestDetectableEffect(questions: number, deviation = PLANNED_DEVIATION): number {
  return questions === 0 ? Number.POSITIVE_INFINITY : ((z.p975 + z.p80) * deviation) / Math.sqrt(questions);
}

/**
 * Returns the number of questions after which the 95 % bound of the loss is below the margin, if the mean loss and the
 * standard deviation are as given. Infinite when the loss is not below the margin.
 *
 * @example
 * ```ts
 * questionsForNonInferiority({ loss: 0, deviation: 0.25, margin: 0.02 }); // 423
 * ```
 */
export function questionsForNonInferiority(observed: {
  readonly loss: number;
  readonly deviation: number;
  readonly margin: number;
}): number {
  const { loss, deviation, margin } = observed;
  if (loss >= margin) return Number.POSITIVE_INFINITY;
  return Math.ceil(((z.p95 * deviation) / (margin - loss)) ** 2);
}

/** Returns the number of questions after which such a loss is significant at 5 %, two-sided; infinite without a loss. */
export function questionsForSignificance(loss: number, deviation: number): number {
  return loss <= 0 ? Number.POSITIVE_INFINITY : Math.ceil(((z.p975 * deviation) / loss) ** 2);
}
