import {
  type ChunkInput,
  type Embedder,
  embeddingText,
  type ReplacePage,
  type VersionRef,
} from '@switchyard/storage-core';
import { createRandom } from '../harness/random.js';

/** Model recorded for the vectors of generated pages. */
export const SOAK_MODEL = 'soak:random';

/** Version of a page, by names. */
export type NamedVersion = Extract<VersionRef, { readonly library: string }>;

/** A page whose whole content is derived from its key, so that a journal only needs to record the key. */
export interface GeneratedPage {
  readonly key: string;
  readonly url: string;
  readonly title: string;
  readonly chunks: readonly (ChunkInput & { readonly vector: Float32Array; readonly word: string })[];
}

const VOCABULARY =
  'store page index vector search library version chunk token query rank schema write read commit lock naïve 設備 log header'.split(
    ' ',
  );
const MAX_CHUNKS = 5;

/** Generates the page of a key. Every chunk has a unique word and a unique vector. */
export function makePage(key: string, url: string, dimension: number): GeneratedPage {
  const random = createRandom('page', key, url);
  const mark = Math.floor(random.float() * 2 ** 40).toString();
  const title = `Title of ${url}, ${mark}`;
  const path = [`Part ${random.below(4)}`, 'Details'].slice(0, random.below(3));
  const chunks = Array.from({ length: 1 + random.below(MAX_CHUNKS) }, (_, index) => {
    // Ends in digits, so that no stemmer changes it.
    const word = `z${mark}c${index}`;
    const length = random.chance(0.1) ? 900 : 20 + random.below(60);
    const words = Array.from({ length }, () => random.pick(VOCABULARY));
    words.splice(random.below(length), 0, word);
    const content = words.join(' ');
    const metadata = { types: random.chance(0.1) ? ['structural'] : ['text'], level: path.length, path };
    return {
      word,
      content,
      metadata,
      vector: vectorOf(embeddingText({ title, url }, { content, metadata }), dimension),
    };
  });
  return { key, url, title, chunks };
}

/** Returns the vector of a text: equal in every process, different for every text. */
export function vectorOf(text: string, dimension: number): Float32Array {
  const random = createRandom('vector', text);
  return Float32Array.from({ length: dimension }, () => random.float() * 2 - 1);
}

/** Returns the vectors that {@link makePage} gives its chunks. */
export function soakEmbedder(dimension: number): Embedder {
  return {
    model: SOAK_MODEL,
    dimension,
    available: true,
    limits: { maxTexts: 64, maxCharacters: 1_000_000 },
    embed: async (texts) => texts.map((text) => vectorOf(text, dimension)),
  };
}

/** Mutation that writes a generated page. */
export function replaceWith(version: VersionRef, { url, title, chunks, key }: GeneratedPage): ReplacePage {
  return {
    kind: 'replacePage',
    version,
    model: SOAK_MODEL,
    page: { url, title, etag: key },
    chunks: chunks.map(({ content, metadata, vector }) => ({ content, metadata, vector })),
  };
}
