import type { EmbeddingProfile } from '@switchyard/storage-core';
import type { LogStore } from '@switchyard/storage-core/backend';

/** Type of the vector columns: that of pgvector, or an array where a server does not have it. */
export type VectorType = 'vector' | 'real[]';

/** Records of a rollout that every write needs. */
export interface Rollout {
  store: LogStore;
  /** Next id on the new side, which ids that are put do not raise; null on the old side. */
  nextId: number | null;
}

/** The single row of the table `state`. */
export interface State {
  readonly vectorType: VectorType;
  /** Largest id ever used; ids are unique across all kinds of rows. */
  lastId: number;
  /** Number of chunks, and of their tokens: what bm25 needs to know of the whole store. */
  chunks: number;
  tokens: number;
  profile: EmbeddingProfile | null;
  /** Profile of the staged vectors; null if none are staged. */
  staging: EmbeddingProfile | null;
  /** Null for a store that takes part in no rollout. */
  rollout: Rollout | null;
}

/** The row as stored. */
export interface StateRow {
  readonly vectorType: VectorType;
  readonly lastId: number;
  readonly chunks: number;
  readonly tokens: number;
  readonly profile: string | null;
  readonly staging: string | null;
  readonly rollout: string | null;
}

/** Returns the state of a row. */
export function toState(row: StateRow | undefined): State {
  if (row === undefined) throw new Error('The table state is empty.');
  return {
    ...row,
    profile: parsed<EmbeddingProfile>(row.profile),
    staging: parsed<EmbeddingProfile>(row.staging),
    rollout: parsed<Rollout>(row.rollout),
  };
}

/** Returns the values of the row, in the order of its statement. */
export function toRow({ lastId, chunks, tokens, profile, staging, rollout }: State): readonly unknown[] {
  return [lastId, chunks, tokens, text(profile), text(staging), text(rollout)];
}

function parsed<T>(json: string | null): T | null {
  return json === null ? null : (JSON.parse(json) as T);
}

function text(value: object | null): string | null {
  return value === null ? null : JSON.stringify(value);
}
