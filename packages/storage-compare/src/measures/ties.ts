/** Returns true when two scores differ by no more than rounding in float32 explains. */
export function isNear(a: number, b: number, tolerance: number): boolean {
  return Math.abs(a - b) <= tolerance * Math.max(1, Math.abs(a), Math.abs(b));
}

/** An item of a ranked list, best first. */
export interface Ranked {
  readonly key: string;
  readonly score: number;
}

/** Groups neighbors of equal or nearly equal score: they are tied, and their order means nothing. */
export function tieGroups(list: readonly Ranked[], tolerance: number): string[][] {
  const groups: string[][] = [];
  let first = Number.NaN;
  for (const { key, score } of list) {
    if (isNear(first, score, tolerance)) groups.at(-1)?.push(key);
    else {
      groups.push([key]);
      first = score;
    }
  }
  return groups;
}
