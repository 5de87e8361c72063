import { isDeepStrictEqual } from 'node:util';
import { show } from './show.js';

/** Describes the first place at which two values differ, as in `at [2].score: expected 1.5, got 2`; null if none. */
export function firstDifference(actual: unknown, expected: unknown): string | null {
  const place = findDifference(actual, expected, '');
  if (place === null) return null;
  const where = place.path === '' ? '' : `at ${place.path}: `;
  return `${where}expected ${show(place.expected)}, got ${show(place.actual)}`;
}

interface Place {
  readonly path: string;
  readonly actual: unknown;
  readonly expected: unknown;
}

function findDifference(actual: unknown, expected: unknown, path: string): Place | null {
  if (isDeepStrictEqual(actual, expected)) return null;
  if (isList(actual) && isList(expected)) {
    const length = Math.min(actual.length, expected.length);
    for (let at = 0; at < length; at++) {
      const place = findDifference(actual[at], expected[at], `${path}[${at}]`);
      if (place !== null) return place;
    }
    return { path: `${path}.length`, actual: actual.length, expected: expected.length };
  }
  if (isRecord(actual) && isRecord(expected)) {
    for (const key of new Set([...Object.keys(expected), ...Object.keys(actual)])) {
      const place = findDifference(actual[key], expected[key], `${path}.${key}`);
      if (place !== null) return place;
    }
  }
  return { path, actual, expected };
}

function isList(value: unknown): value is ArrayLike<unknown> {
  return Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}
