import { type Embedder, StorageError } from '@switchyard/storage-core';

/** Maximum length of a text for {@link letterEmbedder}. */
export const letterEmbedderLimit = 2_000;

/** A small embedder without a model that counts the letters of a text, so that similar texts are near. */
export function letterEmbedder(change: Partial<Embedder> = {}): Embedder {
  return {
    model: 'conformance:letters',
    dimension: 26,
    available: true,
    limits: { maxTexts: 16, maxCharacters: 8_000 },
    embed: async (texts) => texts.map(countLetters),
    ...change,
  };
}

function countLetters(text: string): Float32Array {
  if (text.length > letterEmbedderLimit) {
    throw new StorageError('STORAGE_EMBEDDING_TOO_LARGE', `The text has ${text.length} characters.`);
  }
  const counts = new Float32Array(26).fill(0.01);
  for (const letter of text.toLowerCase()) {
    const index = letter.charCodeAt(0) - 97;
    if (index >= 0 && index < 26) counts[index] = (counts[index] as number) + 1;
  }
  return counts;
}
