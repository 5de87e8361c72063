/** Embedders for Switchyard: an offline sentence model and any OpenAI-compatible HTTP endpoint. */
export * from './create-embedder.js';
export { OFFLINE_MODEL, OfflineEmbedder, type OfflineEmbedderOptions } from './offline/offline-embedder.js';
export { OpenAiEmbedder } from './openai/openai-embedder.js';
export type { OpenAiEmbedderOptions } from './openai/options.js';
export type { EmbeddingSide } from './openai/sides.js';
