import type { ChunkRecord, JsonObject, VersionRecord } from '@switchyard/storage-core';
import type { ChunkSnapshot } from '@switchyard/storage-core/backend';
import { toVector } from './database/text.js';

/** Statements name their columns like the members of the records, so that only JSON and vectors are converted. */
export type VersionRow = Omit<VersionRecord, 'scraperOptions'> & { readonly scraperOptions: string | null };

/** See {@link VersionRow}. */
export type ChunkRow = Omit<ChunkRecord, 'metadata'> & { readonly metadata: string };

/** See {@link VersionRow}. */
export type SnapshotRow = Omit<ChunkSnapshot, 'metadata' | 'vector'> & {
  readonly pageId: number;
  readonly metadata: string;
  readonly vector: string | null;
};

/** Converts a row to a record. */
export function toVersion(row: VersionRow): VersionRecord {
  const { scraperOptions } = row;
  return {
    ...row,
    scraperOptions: scraperOptions === null ? null : (JSON.parse(scraperOptions) as JsonObject),
  };
}

/** Converts a row to a record. */
export function toChunk(row: ChunkRow): ChunkRecord {
  return { ...row, metadata: JSON.parse(row.metadata) };
}

/** Converts a row to a chunk with its vector. */
export function toSnapshot({ pageId: _, ...row }: SnapshotRow): ChunkSnapshot {
  const { metadata, vector } = row;
  return { ...row, metadata: JSON.parse(metadata), vector: vector === null ? null : toVector(vector) };
}

/** Groups rows by a column and keeps their order. */
export function groupBy<Row>(
  rows: readonly Row[],
  keyOf: (row: Row) => number,
): ReadonlyMap<number, readonly Row[]> {
  const groups = new Map<number, Row[]>();
  for (const row of rows) {
    const group = groups.get(keyOf(row));
    if (group === undefined) groups.set(keyOf(row), [row]);
    else group.push(row);
  }
  return groups;
}
