/** Persistence: the chance that a reader goes on to the next hit. At 0.9, the first ten hits have 86 % of the weight. */
export const DEFAULT_PERSISTENCE = 0.9;

/**
 * Rank-biased overlap, extrapolated, of two ranked lists with ties (Webber, Moffat and Zobel, ACM TOIS 28(4), 2010):
 * 1 for equal lists, 0 for lists without a common item. Tied items stand at the same rank, the first of their group, and
 * the agreement at depth d is 2·|common| / (|A to d| + |B to d|). Beyond the end of the shorter list its agreement there
 * is assumed to go on (equation 32), and beyond the longer one the agreement reached.
 *
 * @param a Groups of tied items, best first; an item alone is a group of one.
 * @param persistence From 0 to 1, both excluded.
 */
export function rankBiasedOverlap(
  a: readonly (readonly string[])[],
  b: readonly (readonly string[])[],
  persistence: number = DEFAULT_PERSISTENCE,
): number {
  const [sizeA, sizeB] = [a.flat().length, b.flat().length];
  if (sizeA === 0 && sizeB === 0) return 1;
  if (sizeA === 0 || sizeB === 0) return 0;
  const [short, long] = sizeA <= sizeB ? [a, b] : [b, a];
  const [s, l] = [Math.min(sizeA, sizeB), Math.max(sizeA, sizeB)];
  const [seenShort, seenLong] = [new ListToDepth(short), new ListToDepth(long)];
  let agreement = 0;
  let agreementAtS = 0;
  let sum = 0;
  for (let depth = 1; depth <= l; depth++) {
    seenShort.advance(depth);
    seenLong.advance(depth);
    const common = [...seenShort.items].filter((item) => seenLong.items.has(item)).length;
    if (depth <= s) {
      agreement = (2 * common) / (seenShort.items.size + seenLong.items.size);
      agreementAtS = agreement;
    } else {
      const assumed = agreementAtS * (depth - s);
      agreement = (2 * (common + assumed)) / (depth + seenLong.items.size);
    }
    sum += persistence ** (depth - 1) * agreement;
  }
  return (1 - persistence) * sum + persistence ** l * agreement;
}

/** The items of a list at ranks up to a depth; all items of a group have the rank of its first. */
class ListToDepth {
  readonly items = new Set<string>();
  readonly #groups: readonly (readonly string[])[];
  #next = 0;
  #rank = 1;

  constructor(groups: readonly (readonly string[])[]) {
    this.#groups = groups;
  }

  advance(depth: number): void {
    while (this.#next < this.#groups.length && this.#rank <= depth) {
      const group = this.#groups[this.#next] as readonly string[];
      for (const item of group) this.items.add(item);
      this.#rank += group.length;
      this.#next += 1;
    }
  }
}
