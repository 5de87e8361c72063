import assert from 'node:assert/strict';

/** A hit of a vector or full-text search. */
export interface Ranked {
  readonly chunkId: number;
  readonly value: number;
}

/**
 * Compares hits with the expected ones, allowing for rounding: values agree within a relative tolerance; the order is
 * exact, except that hits whose expected values differ by less than the tolerance may be swapped; and hits that no
 * rounding can tell apart (`identical`) are ordered by id.
 *
 * @param expected All hits, best first, not truncated at the limit.
 */
export function assertRanking(
  actual: readonly Ranked[],
  expected: readonly Ranked[],
  limit: number,
  tolerance: number,
  identical: (a: number, b: number) => boolean,
  what: string,
): void {
  const detail = () =>
    `${what}, limit ${limit}:\n  actual   ${JSON.stringify(actual)}\n  expected ${JSON.stringify(expected.slice(0, limit + 3))}`;
  const near = (a: number, b: number) => Math.abs(a - b) <= tolerance * Math.max(1, Math.abs(b));
  assert.equal(actual.length, Math.min(limit, expected.length), detail());
  const byId = new Map(expected.map((hit) => [hit.chunkId, hit.value]));
  const seen = new Set<number>();
  for (const [place, { chunkId, value }] of actual.entries()) {
    const own = byId.get(chunkId);
    assert.ok(own !== undefined && !seen.has(chunkId), detail());
    seen.add(chunkId);
    assert.ok(near(value, own) && near(value, expected[place]?.value ?? Number.NaN), detail());
    const smallerTwin = expected.find((hit) => hit.chunkId < chunkId && identical(hit.chunkId, chunkId));
    assert.ok(smallerTwin === undefined || seen.has(smallerTwin.chunkId), detail());
  }
}
