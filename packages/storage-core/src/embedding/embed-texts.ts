import type { StorageErrorCode } from '../errors/codes.js';
import { isStorageError, StorageError } from '../errors/storage-error.js';
import type { CallOptions } from '../ports/call-options.js';
import { checkCall, withinCall } from '../runtime/deadline.js';
import { defaultEmbedderLimits, type Embedder } from './embedder.js';
import { fitVector } from './fit-vector.js';
import { requireVectors } from './require-vectors.js';
import { isTextTooLarge } from './text-too-large.js';

/** A text to embed and the page it comes from. */
export interface EmbeddingInput {
  /** Text to embed, such as {@link embeddingText} returns. */
  readonly text: string;
  /** URL of the page, for messages. */
  readonly url: string;
}

/**
 * Embeds documents in batches within the embedder's limits and fits every vector to the dimension of the store, as
 * {@link fitVector} does. A batch that is too large for the embedder is halved and each half retried; a single text
 * that is too large is cut to its first half once.
 *
 * @param dimension Dimension of the store; undefined to leave vectors as they are.
 * @returns One vector for each input, in order.
 * @throws StorageError `STORAGE_EMBEDDING_TOO_LARGE`, `STORAGE_EMBEDDING_FAILED` (naming the URL, the batch and the
 * model), `STORAGE_DIMENSION_MISMATCH` for a vector longer than the store's, `STORAGE_INVALID_VECTOR`.
 *
 * @example
 * ```ts
 * const inputs = page.chunks.map((chunk) => ({ text: embeddingText(page, chunk), url: page.url }));
 * const vectors = await embedTexts(embedder, inputs, 4, { deadline: deadlineIn(30_000) });
 * ```
 */
export async function embedTexts(
  embedder: Embedder,
  inputs: readonly EmbeddingInput[],
  dimension: number | undefined,
  options?: CallOptions,
): Promise<Float32Array[]> {
  return embedAll<never>(embedder, inputs, dimension, options, (error) => {
    throw error;
  });
}

/**
 * Like {@link embedTexts}, but continues after a text that is too large.
 *
 * @returns One vector for each input, in order; null for a text that is too large even after it was cut.
 */
export async function embedTextsThatFit(
  embedder: Embedder,
  inputs: readonly EmbeddingInput[],
  dimension: number,
  options?: CallOptions,
): Promise<(Float32Array | null)[]> {
  return embedAll<null>(embedder, inputs, dimension, options, () => null);
}

/** Handles a text that cannot be embedded: returns a replacement for its vector, or throws. */
type GiveUp<T> = (error: unknown) => T;

async function embedAll<T extends null>(
  embedder: Embedder,
  inputs: readonly EmbeddingInput[],
  dimension: number | undefined,
  options: CallOptions | undefined,
  giveUp: GiveUp<T>,
): Promise<(Float32Array | T)[]> {
  const batches = cutIntoBatches(inputs, embedder);
  const vectors: (Float32Array | T)[] = [];
  for (const [index, batch] of batches.entries()) {
    const name = `batch ${index + 1} of ${batches.length}`;
    for (const vector of await embedBatch({ embedder, name, options, giveUp }, batch)) {
      const what = `The vector for ${inputs[vectors.length]?.url ?? ''}`;
      const fitted =
        vector === null ? vector : fitVector(vector, dimension ?? vector.length, { embedder, what });
      vectors.push(fitted);
    }
  }
  return vectors;
}

function cutIntoBatches(inputs: readonly EmbeddingInput[], { limits }: Embedder): EmbeddingInput[][] {
  const maxTexts = limits?.maxTexts ?? defaultEmbedderLimits.maxTexts;
  const maxCharacters = limits?.maxCharacters ?? defaultEmbedderLimits.maxCharacters;
  const batches: EmbeddingInput[][] = [];
  let batch: EmbeddingInput[] = [];
  let characters = 0;
  for (const input of inputs) {
    const full = batch.length >= maxTexts || characters + input.text.length > maxCharacters;
    if (batch.length > 0 && full) {
      batches.push(batch);
      batch = [];
      characters = 0;
    }
    batch.push(input);
    characters += input.text.length;
  }
  if (batch.length > 0) batches.push(batch);
  return batches;
}

interface BatchContext<T> {
  readonly embedder: Embedder;
  /** Name of the batch, for messages. */
  readonly name: string;
  readonly options: CallOptions | undefined;
  readonly giveUp: GiveUp<T>;
}

async function embedBatch<T extends null>(
  context: BatchContext<T>,
  batch: readonly EmbeddingInput[],
  wasCut = false,
): Promise<readonly (Float32Array | T)[]> {
  const { embedder, name, options, giveUp } = context;
  try {
    return await embedOnce(embedder, batch, options);
  } catch (error) {
    const [first, ...others] = batch;
    if (first === undefined || !isTextTooLarge(error)) {
      throw explain(error, embedder, batch, name);
    }
    if (others.length > 0) {
      const middle = Math.ceil(batch.length / 2);
      const head = await embedBatch(context, batch.slice(0, middle));
      return [...head, ...(await embedBatch(context, batch.slice(middle)))];
    }
    if (wasCut) return [giveUp(explain(error, embedder, batch, name))];
    return embedBatch(context, [{ ...first, text: firstHalf(first.text) }], true);
  }
}

async function embedOnce(
  embedder: Embedder,
  batch: readonly EmbeddingInput[],
  options: CallOptions | undefined,
): Promise<readonly Float32Array[]> {
  checkCall(options, embedder.model);
  const texts = batch.map(({ text }) => text);
  const embedding = embedder.embed(texts, { signal: options?.signal });
  return requireVectors(await withinCall(options, embedder.model, embedding), batch.length);
}

/** Adds the batch and URL to an error. An abort or a passed deadline stays unchanged. */
function explain(
  error: unknown,
  embedder: Embedder,
  batch: readonly EmbeddingInput[],
  name: string,
): unknown {
  if (isStorageError(error, 'STORAGE_ABORTED') || isStorageError(error, 'STORAGE_TIMEOUT')) return error;
  const code = isStorageError(error) ? error.code : codeOf(error);
  const reason = error instanceof Error ? error.message : String(error);
  return new StorageError(
    code,
    `Embedding ${batch[0]?.url ?? ''} with ${embedder.model} failed (${name}, ${batch.length} text${batch.length === 1 ? '' : 's'}): ${reason}`,
    { cause: error, outcome: 'not-applied' },
  );
}

function codeOf(error: unknown): StorageErrorCode {
  return isTextTooLarge(error) ? 'STORAGE_EMBEDDING_TOO_LARGE' : 'STORAGE_EMBEDDING_FAILED';
}

/** Returns the first half without splitting a surrogate pair. */
function firstHalf(text: string): string {
  const half = text.slice(0, Math.ceil(text.length / 2));
  return /[\uD800-\uDBFF]$/.test(half) ? half.slice(0, -1) : half;
}
