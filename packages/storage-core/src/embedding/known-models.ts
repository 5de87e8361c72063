/** Dimensions of common models, by the part of the name after the provider. */
const dimensions: Readonly<Record<string, number>> = {
  'text-embedding-3-small': 1536,
  'text-embedding-3-large': 3072,
  'text-embedding-ada-002': 1536,
  'gemini-embedding-001': 3072,
  'text-embedding-004': 768,
  'embedding-001': 768,
  'nomic-embed-text': 768,
  'mxbai-embed-large': 1024,
  'snowflake-arctic-embed2': 1024,
  'bge-m3': 1024,
  'all-minilm': 384,
  'all-MiniLM-L6-v2': 384,
  'amazon.titan-embed-text-v1': 1536,
  'amazon.titan-embed-text-v2:0': 1024,
  'cohere.embed-english-v3': 1024,
  'cohere.embed-multilingual-v3': 1024,
  'use-lite-512': 512,
};

/**
 * Returns the dimension of a common model, given as `provider:model` or `model`; undefined for an unknown one.
 *
 * @example
 * ```ts
 * knownDimension('openai:text-embedding-3-small'); // 1536
 * ```
 */
export function knownDimension(model: string): number | undefined {
  const name = model.slice(model.indexOf(':') + 1);
  return dimensions[model] ?? dimensions[name];
}
