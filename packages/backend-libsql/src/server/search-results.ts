import { type SqlRow, type SqlValue, toChunk } from '@switchyard/sqlite-common';
import {
  type CandidateRequest,
  type ChunkId,
  type ChunkRecord,
  type EmbeddingProfile,
  distance as exactDistance,
  type FtsHit,
  type VectorHit,
} from '@switchyard/storage-core';
import { fromBlob } from '../vectors/blob.js';
import { profileIn } from '../vectors/profile.js';

/** One row of what the statements in search-statements.ts give. */
export interface FoundRow {
  /** 0: of the store; 1: of a chunk. */
  readonly part: number;
  readonly id: ChunkId | null;
  readonly distance: number | null;
  readonly score: number | null;
  readonly structural: number | null;
  readonly record: string | null;
  readonly embedding: Uint8Array | null;
}

/** The answer to a search, and what the store said of its vectors at that moment. */
export interface Found {
  readonly profile: EmbeddingProfile | null;
  readonly vector: readonly VectorHit[];
  readonly words: readonly FtsHit[];
  readonly structural: readonly ChunkId[];
  readonly rows: readonly ChunkRecord[];
}

/** Puts the lists in order; the distances of vectors that came along are computed here. */
export function readFound(
  rows: readonly FoundRow[],
  query: CandidateRequest['vector'] | undefined,
  assumed: EmbeddingProfile | null,
): Found {
  const vector: VectorHit[] = [];
  const words: FtsHit[] = [];
  const structural: ChunkId[] = [];
  const records: ChunkRecord[] = [];
  let profile: EmbeddingProfile | null = null;
  for (const row of rows) {
    if (row.part === 0) {
      profile = profileIn(new Map(Object.entries(JSON.parse(row.record ?? '{}') as Record<string, string>)));
      continue;
    }
    const chunkId = row.id ?? 0;
    const distance = distanceOf(row, query, assumed);
    if (distance !== null) vector.push({ chunkId, distance });
    if (row.score !== null) words.push({ chunkId, score: row.score });
    if (row.structural === 1) structural.push(chunkId);
    if (row.record !== null) records.push(toRecord(row.record));
  }
  vector.sort((a, b) => a.distance - b.distance || a.chunkId - b.chunkId);
  words.sort((a, b) => b.score - a.score || a.chunkId - b.chunkId);
  const inLists = vector.slice(0, query?.limit ?? 0);
  const kept = new Set([...inLists, ...words].map(({ chunkId }) => chunkId));
  return {
    profile,
    vector: inLists,
    words,
    // The server may send a few more than were asked for, where distances are too close to tell apart.
    structural: structural.filter((id) => kept.has(id)).sort((a, b) => a - b),
    rows: records.filter(({ id }) => kept.has(id)),
  };
}

/** Null when the chunk is not in the list by vector, or its bytes are no finite vector. */
function distanceOf(
  { distance, embedding }: FoundRow,
  query: CandidateRequest['vector'] | undefined,
  profile: EmbeddingProfile | null,
): number | null {
  if (embedding === null || query === undefined || profile === null) return distance;
  const vector = fromBlob(embedding, profile.dimension);
  const exact = vector === null ? Number.NaN : exactDistance(profile.metric, query.values, vector);
  return Number.isNaN(exact) ? null : exact;
}

const columns = [
  'id',
  'page_id',
  'version_id',
  'url',
  'title',
  'content_type',
  'source_content_type',
  'content',
  'metadata',
  'sort_order',
  'created_at',
] as const;

function toRecord(json: string): ChunkRecord {
  const values = JSON.parse(json) as SqlValue[];
  return toChunk(Object.fromEntries(columns.map((name, index) => [name, values[index] ?? null])) as SqlRow);
}
