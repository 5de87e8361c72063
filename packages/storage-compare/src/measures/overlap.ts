/**
 * Returns the share of the first `k` places that two lists fill with the same items, in any order. Lists shorter than
 * `k` are measured against the longer one; two empty lists agree.
 */
export function overlapAt(k: number, a: readonly string[], b: readonly string[]): number {
  const [topA, topB] = [a.slice(0, k), new Set(b.slice(0, k))];
  const places = Math.max(topA.length, topB.size);
  if (places === 0) return 1;
  return topA.filter((key) => topB.has(key)).length / places;
}
