import { createHash } from 'node:crypto';
import type { LogRow } from '@switchyard/storage-core/backend';

/** Digest of a row that does not exist. */
export const ABSENT = 'absent';

/** Returns the digest of a row with every column, texts and vectors included; the order of metadata keys does not matter. */
export function digestRow(row: LogRow | null): string {
  if (row === null) return ABSENT;
  return createHash('sha256').update(JSON.stringify(row, plain)).digest('base64url');
}

function plain(_name: string, value: unknown): unknown {
  if (value instanceof Float32Array) {
    return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
