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
  const detail = (difference: string) =>
    `${what}, limit ${limit}: ${difference}\n  actual   ${JSON.stringify(actual)}\n  expected ${JSON.stringify(expected.slice(0, limit + 3))}`;
  const bound = (value: number) => `${value} ± ${tolerance * Math.max(1, Math.abs(value))}`;
  const near = (a: number, b: number) => Math.abs(a - b) <= tolerance * Math.max(1, Math.abs(b));
  const length = Math.min(limit, expected.length);
  assert.equal(actual.length, length, detail(`expected ${length} hits, got ${actual.length}`));
  const byId = new Map(expected.map((hit) => [hit.chunkId, hit.value]));
  const seen = new Set<number>();
  for (const [place, { chunkId, value }] of actual.entries()) {
    const own = byId.get(chunkId);
    const hit = `place ${place + 1}: chunk ${chunkId}`;
    assert.ok(own !== undefined, detail(`${hit} is not expected at all`));
    assert.ok(!seen.has(chunkId), detail(`${hit} occurs twice`));
    seen.add(chunkId);
    assert.ok(near(value, own), detail(`${hit}: expected ${bound(own)}, got ${value}`));
    const there = expected[place]?.value ?? Number.NaN;
    assert.ok(
      near(value, there),
      detail(`${hit}: expected a chunk with ${bound(there)} there, got ${value}`),
    );
    const smallerTwin = expected.find((hit) => hit.chunkId < chunkId && identical(hit.chunkId, chunkId));
    assert.ok(
      smallerTwin === undefined || seen.has(smallerTwin.chunkId),
      detail(`${hit}: the equal chunk ${smallerTwin?.chunkId} must come first`),
    );
  }
}
