import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import {
  isStorageError,
  type StorageError,
  type StorageErrorCode,
  type Timestamp,
  toIsoTimestamp,
} from '@switchyard/storage-core';
import type { VectorHit } from '@switchyard/storage-core/backend';

/** Asserts that a call rejects with a StorageError of this code; it must not throw synchronously. */
export async function rejects(
  call: () => Promise<unknown>,
  code: StorageErrorCode,
  message: string = code,
): Promise<StorageError> {
  const error = await rejection(call, message);
  if (!isStorageError(error)) {
    assert.fail(`${message}: rejected with ${inspect(error)}, not with a StorageError ${code}.`);
  }
  assert.equal(error.code, code, `${message}: ${error.message}`);
  return error;
}

/** Asserts that a call rejects with a TypeError, as programmer mistakes do. */
export async function rejectsAsMistake(call: () => Promise<unknown>, message: string): Promise<void> {
  const error = await rejection(call, message);
  assert.ok(error instanceof TypeError, `${message}: rejected with ${inspect(error)}, not with a TypeError.`);
}

async function rejection(call: () => Promise<unknown>, message: string): Promise<unknown> {
  let value: unknown;
  const promise = call();
  try {
    value = await promise;
  } catch (error) {
    return error;
  }
  return assert.fail(`${message}: succeeded with ${inspect(value, { depth: 3 })}.`);
}

/** Asserts that no loggable part of an error contains one of these texts. */
export function assertNoSecret(error: unknown, secrets: readonly string[]): void {
  const shown = `${inspect(error, { depth: 10 })}\n${JSON.stringify(error)}`;
  for (const [index, secret] of secrets.entries()) {
    assert.ok(!shown.includes(secret), `Secret ${index} occurs in the error (not shown here).`);
  }
}

/** Asserts that a timestamp is within a day of now, so that clock differences do not matter. */
export function assertRecent(timestamp: Timestamp | null, what: string): void {
  assert.ok(timestamp !== null, `${what} must not be null.`);
  const distance = Math.abs(Date.parse(toIsoTimestamp(timestamp)) - Date.now());
  assert.ok(distance < 86_400_000, `${what} must be about now, not ${timestamp}.`);
}

/** Asserts equality within a relative (near zero: absolute) tolerance. */
export function assertClose(actual: number, expected: number, tolerance: number, what: string): void {
  const allowed = tolerance * Math.max(1, Math.abs(expected));
  assert.ok(
    Math.abs(actual - expected) <= allowed,
    `${what}: expected ${expected} ± ${allowed}, got ${actual}.`,
  );
}

/**
 * Asserts that vector hits are the same chunks in the same order. Their distances may differ by rounding, which depends on
 * what a backend had to measure exactly for the order.
 */
export function assertNear(actual: readonly VectorHit[], expected: readonly VectorHit[], what: string): void {
  assert.deepEqual(
    actual.map(({ chunkId }) => chunkId),
    expected.map(({ chunkId }) => chunkId),
    what,
  );
  for (const [index, { distance }] of actual.entries()) {
    assertClose(distance, expected[index]?.distance ?? Number.NaN, 1e-5, what);
  }
}

/** Asserts that two vectors have the same bytes. */
export function assertSameBytes(
  actual: Float32Array | null,
  expected: Float32Array | null,
  what: string,
): void {
  assert.equal(hex(actual), hex(expected), what);
}

/** Formats the bytes of a vector as text. */
export function hex(vector: Float32Array | null): string | null {
  if (vector === null) return null;
  assert.ok(vector instanceof Float32Array, 'A vector must be a Float32Array.');
  return Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength).toString('hex');
}
