import { weightedKappa } from '@switchyard/search-evaluation';

/** Grades of one page by two judges. */
export type GradePair = readonly [first: number, second: number];

/** Cohen's kappa of all pages, and of those that at least one judge found relevant. */
export interface Kappa {
  readonly all: number;
  /** Leaves out the pages that both found irrelevant: they are most of a pool, and easy to agree on. */
  readonly relevant: number;
}

/** Agreement of two judges. */
export interface Agreement {
  /** Number of pages judged. */
  readonly judged: number;
  /** Number of pages that at least one judge found relevant. */
  readonly relevant: number;
  /** Share of equal grades. */
  readonly equal: number;
  /** With quadratic weights. */
  readonly kappa: Kappa;
  /** With linear weights, under which neighboring grades count as a larger disagreement. */
  readonly linearKappa: Kappa;
  /** Number of pages by grade of the first judge (rows) and of the second (columns), from 0 to 3. */
  readonly counts: readonly (readonly number[])[];
}

/** Grades of the data set: 0 irrelevant to 3 answers the question. */
export const GRADES = [0, 1, 2, 3] as const;

/** Measures how far two judges agree. */
export function agreementOf(pairs: readonly GradePair[]): Agreement {
  const relevant = pairs.filter(([a, b]) => a > 0 || b > 0);
  const count = (first: number, second: number) =>
    pairs.filter(([a, b]) => a === first && b === second).length;
  return {
    judged: pairs.length,
    relevant: relevant.length,
    equal: pairs.filter(([a, b]) => a === b).length / pairs.length,
    kappa: { all: weightedKappa(pairs), relevant: weightedKappa(relevant) },
    linearKappa: { all: weightedKappa(pairs, 'linear'), relevant: weightedKappa(relevant, 'linear') },
    counts: GRADES.map((first) => GRADES.map((second) => count(first, second))),
  };
}

/** Describes an agreement in a line. */
export function describeAgreement({ judged, equal, kappa, linearKappa }: Agreement): string {
  return (
    `${judged} pages, ${(equal * 100).toFixed(1)} % equal grades, weighted kappa ${kappa.all.toFixed(3)} ` +
    `(${kappa.relevant.toFixed(3)} without pages that both found irrelevant), ` +
    `with linear weights ${linearKappa.all.toFixed(3)} (${linearKappa.relevant.toFixed(3)})`
  );
}
