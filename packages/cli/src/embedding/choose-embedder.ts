import { availableParallelism } from 'node:os';
import { createEmbedder, embedderSpecs, OfflineEmbedder } from '@switchyard/embedders';
import type { Environment } from '@switchyard/storage-container/standalone';
import { type Embedder, type EmbeddingProfile, isStorageError, StorageError } from '@switchyard/storage-core';
import { CliError } from '../cli-error.js';

/** Forms of `--embedder`, for messages; the general help describes each. */
export const embedderHelp = embedderSpecs.map(({ spec }) => spec).join(', ');

/** Forms of `--embedder` without `none`, where vectors are needed. */
export const embeddersWithVectors = embedderSpecs
  .map(({ spec }) => spec)
  .filter((spec) => spec !== 'none')
  .join(', ');

/** Chosen embedder, with a note for the user. */
export interface EmbedderChoice {
  /** Null for full-text search only. */
  readonly embedder: Embedder | null;
  /** Reason for full text only, unless it was requested. */
  readonly note: string | null;
}

const ftsOnly = (note: string | null): EmbedderChoice => ({ embedder: null, note });

/**
 * Chooses how the text of a search is embedded: as requested, else by the recorded model of the store.
 *
 * @param spec Value of `--embedder`, if any.
 * @param preferred Embedder of the configuration file, used where it fits the store.
 * @throws StorageError `STORAGE_MODEL_CHANGED` if the requested embedder does not match the store,
 * `STORAGE_EMBEDDING_FAILED` if it has no credentials.
 */
export function chooseForSearch(
  spec: string | undefined,
  profile: EmbeddingProfile | null,
  env: Environment,
  preferred?: string,
): EmbedderChoice {
  const asked = spec ?? (preferred !== undefined && fits(preferred, profile, env) ? preferred : undefined);
  if (asked !== undefined) {
    const embedder = makeEmbedder(asked, env, 1);
    if (embedder === null) return ftsOnly(null);
    if (profile === null) return ftsOnly('The store has no vectors: full text only.');
    if (profile.model !== null && !isSameModel(profile.model, embedder.model)) {
      throw modelChanged(profile, embedder);
    }
    return { embedder, note: null };
  }
  if (profile === null) return ftsOnly('The store has no vectors: full text only.');
  if (profile.model !== null && isOfflineModel(profile.model)) {
    return { embedder: makeEmbedder('offline', env, 1), note: null };
  }
  const model = profile.model ?? 'an unnamed model';
  return ftsOnly(
    `The store has vectors of ${model}: full text only. Use --embedder for a hybrid search, or --fts-only to silence this note.`,
  );
}

/** Returns true if the vectors of a store are of the embedder's model, or if the embedder makes none. */
function fits(spec: string, profile: EmbeddingProfile | null, env: Environment): boolean {
  const embedder = create(spec, env, 1);
  if (embedder === null) return true;
  return profile !== null && (profile.model === null || isSameModel(profile.model, embedder.model));
}

/**
 * Chooses how pages are embedded: as requested, else by the recorded model of the store, else offline.
 *
 * @param options.needsKey False to accept an embedder without credentials, which cannot embed. Default true.
 * @throws CliError `CLI_USAGE` if the store has a model that must be requested explicitly.
 */
export function chooseForIndexing(
  spec: string | undefined,
  profile: EmbeddingProfile | null,
  env: Environment,
  { needsKey = true }: { readonly needsKey?: boolean } = {},
): Embedder | null {
  if (spec === undefined && profile !== null && (profile.model === null || !isOfflineModel(profile.model))) {
    throw new CliError(
      'CLI_USAGE',
      `The store has vectors of ${profile.model ?? 'an unnamed model'}.`,
      'Pass --embedder; with --embedder none, only full-text search finds the pages.',
    );
  }
  const remembered = profile?.model ?? null;
  const known = remembered !== null && isOfflineModel(remembered) ? `offline:${remembered}` : 'offline';
  const asked = spec === undefined || spec === 'offline' ? known : spec;
  const workers = Math.min(4, availableParallelism());
  return needsKey ? makeEmbedder(asked, env, workers) : create(asked, env, workers);
}

/**
 * Refuses an embedder of another model than the store's, by names alone: no text is embedded to learn a dimension.
 *
 * @throws StorageError `STORAGE_MODEL_CHANGED`.
 */
export function refuseOtherModel(profile: EmbeddingProfile | null, embedder: Embedder): void {
  if (profile === null || profile.model === null || profile.model === embedder.model) return;
  throw modelChanged(profile, embedder);
}

/**
 * Chooses the embedder for re-embedding a whole store.
 *
 * @throws CliError `CLI_USAGE` for `none`; StorageError `STORAGE_EMBEDDING_FAILED` if it has no credentials.
 */
export function chooseForReembedding(spec: string, env: Environment): Embedder {
  const embedder = makeEmbedder(spec, env, Math.min(4, availableParallelism()));
  if (embedder !== null) return embedder;
  throw new CliError(
    'CLI_USAGE',
    '--embedder none makes no vectors.',
    `Pass --embedder one of: ${embeddersWithVectors}.`,
  );
}

/** @returns Null for `none`. */
function makeEmbedder(spec: string, env: Environment, workers: number): Embedder | null {
  const embedder = create(spec, env, workers);
  if (embedder !== null && !embedder.available) {
    throw new StorageError(
      'STORAGE_EMBEDDING_FAILED',
      `The embedder ${embedder.model} has no credentials: set OPENAI_API_KEY, or choose --embedder offline or none.`,
    );
  }
  return embedder;
}

function create(spec: string, env: Environment, workers: number): Embedder | null {
  try {
    return createEmbedder(spec, { offline: { workers }, openai: { env } }) ?? null;
  } catch (error) {
    // Unknown name, or invalid settings in the environment.
    if (!isStorageError(error) && !(error instanceof TypeError)) throw error;
    throw new CliError('CLI_USAGE', error.message, `Pass --embedder one of: ${embedderHelp}.`, error);
  }
}

/** Stops background work of an embedder. */
export async function closeEmbedder(embedder: Embedder | null): Promise<void> {
  if (embedder instanceof OfflineEmbedder) await embedder.close();
}

/** Older stores record the offline model with another provider. */
function isOfflineModel(model: string): boolean {
  return model.slice(model.indexOf(':') + 1) === 'use-lite-512';
}

function isSameModel(a: string, b: string): boolean {
  return a === b || (isOfflineModel(a) && isOfflineModel(b));
}

function modelChanged({ model, dimension }: EmbeddingProfile, embedder: Embedder): StorageError {
  const asked = embedder.dimension === undefined ? '' : ` (${embedder.dimension} dimensions)`;
  return new StorageError(
    'STORAGE_MODEL_CHANGED',
    `The store has vectors of ${model} (${dimension} dimensions); --embedder asks for ${embedder.model}${asked}.`,
  );
}
