import {
  collectRelatives,
  decodeUtf8,
  illFormedText,
  type RelativeRow,
  type SqlRow,
  type SqlValue,
  toChunk,
} from '@switchyard/sqlite-common';
import type { ChunkId, ChunkRecord, EmbeddingProfile, VersionId } from '@switchyard/storage-core';
import type { CandidateRequest, FtsHit, Relatives, VectorHit } from '@switchyard/storage-core/backend';
import { BACKEND_NAME } from '../capabilities.js';
import { measure, nearestOf } from '../vectors/measure.js';
import { profileIn } from '../vectors/profile.js';

/** Row returned by the statements in search-statements.ts. */
export interface FoundRow {
  /** 0: the store; 1: a chunk; 2: a version; 3: a hit or one of its relatives. */
  readonly part: number;
  /** Id of the chunk or the version. */
  readonly id: number | null;
  readonly distance: number | null;
  readonly score: number | null;
  /** 1 for a structural chunk; the position of a version in the request. */
  readonly structural: number | null;
  /** JSON in UTF-8. */
  readonly record: Uint8Array | null;
  /** Vector of the chunk; its roles in part 3. */
  readonly embedding: Uint8Array | null;
}

/** Answer to a search, and the embedding profile of the store in the same state. */
export interface Found {
  readonly profile: EmbeddingProfile | null;
  readonly versionIds: readonly (VersionId | null)[];
  /** Vectors of the first version: their generation, and how many were scanned; null if the server did not. */
  readonly scanned: { readonly generation: number; readonly vectors: number | null };
  readonly vector: readonly VectorHit[];
  readonly fts: readonly FtsHit[];
  readonly structural: readonly ChunkId[];
  readonly rows: readonly ChunkRecord[];
  /** Best hits with their relatives, if requested. */
  readonly relatives: readonly Relatives[];
}

/**
 * Sorts both lists. Computes the distances of vectors that the server returned.
 *
 * @param near the vector list, if the client found it
 */
export function readFound(
  rows: readonly FoundRow[],
  query: CandidateRequest['vector'],
  assumed: EmbeddingProfile | null,
  near: readonly VectorHit[] | null,
): Found {
  const vector: VectorHit[] = [];
  const fts: FtsHit[] = [];
  const structural: ChunkId[] = [];
  const records: ChunkRecord[] = [];
  const versionIds: (VersionId | null)[] = [];
  let profile: EmbeddingProfile | null = null;
  let scanned: Found['scanned'] = { generation: 0, vectors: null };
  for (const row of rows) {
    if (row.part === 0) {
      profile = profileFrom(row.record);
      continue;
    }
    if (row.part === 2) {
      versionIds[row.structural ?? 0] = row.id;
      if (row.structural === 0) scanned = { generation: row.distance ?? 0, vectors: row.score };
      continue;
    }
    if (row.part === 3) continue;
    const chunkId = row.id ?? 0;
    const distance = distanceOf(row, query, assumed);
    if (distance !== null) vector.push({ chunkId, distance });
    if (row.score !== null) fts.push({ chunkId, score: row.score });
    if (row.structural === 1) structural.push(chunkId);
    const record = recordIn(row);
    if (record !== null) records.push(record);
  }
  fts.sort((a, b) => b.score - a.score || a.chunkId - b.chunkId);
  const nearest = near ?? nearestOf(vector, query?.limit ?? 0);
  const kept = new Set([...nearest, ...fts].map(({ chunkId }) => chunkId));
  return {
    profile,
    versionIds,
    scanned,
    vector: nearest,
    fts,
    // The server may return more than the limit if distances are too close to tell apart.
    structural: structural.filter((id) => kept.has(id)).sort((a, b) => a - b),
    rows: records.filter(({ id }) => kept.has(id)),
    relatives: relativesIn(rows.filter(({ part }) => part === 3)),
  };
}

/** Returns the relatives of hits, except of those with a relative that has to be fetched by itself. */
function relativesIn(rows: readonly FoundRow[]): Relatives[] {
  const sound: RelativeRow[] = [];
  const incomplete = new Set<ChunkId>();
  for (const row of rows) {
    const chunk = recordIn(row);
    const roles = decodeUtf8(row.embedding ?? new Uint8Array(0)) ?? '[]';
    if (chunk !== null) sound.push({ chunk, roles });
    else for (const [hit] of JSON.parse(roles) as [ChunkId][]) incomplete.add(hit);
  }
  sound.sort((a, b) => a.chunk.sortOrder - b.chunk.sortOrder || a.chunk.id - b.chunk.id);
  return [...collectRelatives(sound).values()].filter(({ chunk }) => !incomplete.has(chunk.id));
}

/** Returns null for a row without a record, and for one that is not UTF-8: fetching it by itself reports the damage. */
function recordIn({ record }: FoundRow): ChunkRecord | null {
  const json = record === null ? null : decodeUtf8(record);
  return json === null ? null : toRecord(json);
}

/** Answer to the question for vectors in search-statements.ts. */
export interface AnyRow {
  readonly found: number;
  /** JSON in UTF-8. */
  readonly record: Uint8Array | null;
}

/** Returns the embedding profile in the metadata of a store; null without one. */
export function profileFrom(record: Uint8Array | null): EmbeddingProfile | null {
  return profileIn(new Map(Object.entries(metaIn(record))));
}

function metaIn(record: Uint8Array | null): Record<string, string> {
  if (record === null) return {};
  const json = decodeUtf8(record);
  if (json === null)
    throw illFormedText({ table: 'switchyard_meta', column: 'value' }, { backend: BACKEND_NAME });
  return JSON.parse(json) as Record<string, string>;
}

/** Returns null for a chunk that is not in the vector list, or whose bytes are not a finite vector. */
function distanceOf(
  { distance, embedding }: FoundRow,
  query: CandidateRequest['vector'],
  profile: EmbeddingProfile | null,
): number | null {
  if (embedding === null || query === null || profile === null) return distance;
  return measure(profile, query.values, embedding);
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
