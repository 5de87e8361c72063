import { type Embedder, StorageError } from '@switchyard/storage-core';
import { OFFLINE_MODEL, OfflineEmbedder, type OfflineEmbedderOptions } from './offline/offline-embedder.js';
import { OpenAiEmbedder } from './openai/openai-embedder.js';
import type { OpenAiEmbedderOptions } from './openai/options.js';

/** Embedder names accepted by {@link createEmbedder}, for help texts. */
export const embedderSpecs = [
  { spec: 'offline', description: 'English sentence model inside npm packages; no network, no key' },
  {
    spec: 'offline:NAME',
    description: 'the same model, for a store that remembers it as NAME',
  },
  {
    spec: 'openai:MODEL',
    description:
      'OpenAI-compatible endpoint (OPENAI_API_KEY, OPENAI_BASE_URL), such as openai:text-embedding-3-small',
  },
  { spec: 'none', description: 'no vectors: full-text search only' },
] as const;

/** Options of {@link createEmbedder}, by kind of embedder. */
export interface CreateEmbedderOptions {
  readonly offline?: OfflineEmbedderOptions | undefined;
  readonly openai?: Omit<OpenAiEmbedderOptions, 'model'> | undefined;
}

/**
 * Creates an embedder from one of {@link embedderSpecs}. The name of the offline model as stores record it
 * (`energetic-ai:use-lite-512`) means `offline`.
 *
 * @returns undefined for `none`.
 * @throws StorageError `STORAGE_EMBEDDING_FAILED` for an unknown name; TypeError for an invalid option.
 *
 * @example
 * ```ts
 * const embedder = createEmbedder('openai:text-embedding-3-small', { openai: { apiKey: 'sk-…' } });
 * ```
 */
export function createEmbedder(spec: string, options: CreateEmbedderOptions = {}): Embedder | undefined {
  const name = spec.trim();
  if (name === 'none') return undefined;
  if (name === 'offline' || name === OFFLINE_MODEL) return new OfflineEmbedder(options.offline);
  const remembered = /^offline:(.+)$/.exec(name)?.[1];
  if (remembered !== undefined) return new OfflineEmbedder({ ...options.offline, model: remembered });
  const model = /^openai:(.+)$/.exec(name)?.[1];
  if (model !== undefined) return new OpenAiEmbedder({ ...options.openai, model });
  const known = embedderSpecs.map((form) => `  ${form.spec}  (${form.description})`).join('\n');
  throw new StorageError(
    'STORAGE_EMBEDDING_FAILED',
    `Unknown embedder '${name}'. Known embedders:\n${known}`,
  );
}
