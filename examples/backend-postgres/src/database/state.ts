import type { EmbeddingProfile } from '@switchyard/storage-core';

/** Type of the vector columns: that of pgvector, or an array where a server does not have it. */
export type VectorType = 'vector' | 'real[]';

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
}

/** The row as stored. */
export interface StateRow {
  readonly vectorType: VectorType;
  readonly lastId: number;
  readonly chunks: number;
  readonly tokens: number;
  readonly profile: string | null;
  readonly staging: string | null;
}

/** Returns the state of a row. */
export function toState(row: StateRow | undefined): State {
  if (row === undefined) throw new Error('The table state is empty.');
  return { ...row, profile: parsed(row.profile), staging: parsed(row.staging) };
}

/** Returns the values of the row, in the order of its statement. */
export function toRow({ lastId, chunks, tokens, profile, staging }: State): readonly unknown[] {
  return [lastId, chunks, tokens, text(profile), text(staging)];
}

function parsed(json: string | null): EmbeddingProfile | null {
  return json === null ? null : (JSON.parse(json) as EmbeddingProfile);
}

function text(profile: EmbeddingProfile | null): string | null {
  return profile === null ? null : JSON.stringify(profile);
}
