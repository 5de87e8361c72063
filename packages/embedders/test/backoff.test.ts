import { describe, expect, test } from 'vitest';
import { pauseBefore, retryAfter } from '../src/openai/backoff.js';

const limits = { baseMs: 100, maxMs: 1000, askedMs: undefined };

describe('the delay before another attempt', () => {
  test('doubles up to the cap', () => {
    const longest = [1, 2, 3, 4, 5, 50].map((attempt) => pauseBefore(attempt, limits, () => 1));
    expect(longest).toEqual([100, 200, 400, 800, 1000, 1000]);
  });

  test('is a random fraction of the cap', () => {
    expect(pauseBefore(3, limits, () => 0.25)).toBe(100);
    expect(pauseBefore(3, limits, () => 0)).toBe(0);
  });

  test('is never shorter than the server requests', () => {
    expect(pauseBefore(1, { ...limits, askedMs: 700 }, () => 0)).toBe(700);
  });

  test('is undefined if the server requests more than the maximum', () => {
    expect(pauseBefore(1, { ...limits, askedMs: 1001 })).toBeUndefined();
  });
});

describe('Retry-After', () => {
  test.each([
    [{ 'retry-after': '2' }, 2000],
    [{ 'retry-after': 'Wed, 21 Oct 2015 07:28:05 GMT' }, 5000],
    [{ 'retry-after': 'Wed, 21 Oct 2015 07:27:00 GMT' }, 0],
    [{ 'retry-after-ms': '150', 'retry-after': '2' }, 150],
    [{ 'retry-after': 'soon' }, undefined],
    [{}, undefined],
  ])('%j is %s', (headers, expected) => {
    const now = Date.parse('Wed, 21 Oct 2015 07:28:00 GMT');
    expect(retryAfter(new Headers(headers as Record<string, string>), now)).toBe(expected);
  });
});
