import { setTimeout as pause } from 'node:timers/promises';
import {
  type Embedder,
  type EmbedderLimits,
  type JsonObject,
  knownDimension,
  StorageError,
} from '@switchyard/storage-core';
import { pauseBefore, retryAfter } from './backoff.js';
import {
  failure,
  isPassing,
  isTooLarge,
  printable,
  type RefusedRequest,
  readRefusal,
  refusalError,
  refusesBase64,
} from './failures.js';
import { LearnedLimits } from './learned-limits.js';
import { type OpenAiEmbedderOptions, type OpenAiSettings, toSettings } from './options.js';
import { readVectors } from './response.js';
import { isSameSide, type Side } from './sides.js';

type Attempt =
  | { readonly kind: 'answered'; readonly body: unknown }
  | { readonly kind: 'refused'; readonly refusal: RefusedRequest; readonly askedMs: number | undefined }
  | { readonly kind: 'broken'; readonly error: StorageError };

/**
 * Embeds texts with any endpoint compatible with OpenAI's `POST /v1/embeddings`: OpenAI itself, Azure, Ollama, vLLM, LM
 * Studio, llama.cpp, Voyage, Jina. Transient failures (429, 5xx, broken connections, timeouts) are retried with
 * exponential backoff.
 *
 * @example
 * ```ts
 * const embedder = new OpenAiEmbedder({ model: 'bge-m3', baseUrl: 'http://127.0.0.1:11434/v1' });
 * ```
 *
 * @example
 * Models that embed queries and documents differently, told by a prefix or by a parameter:
 * ```ts
 * const e5 = new OpenAiEmbedder({
 *   model: 'intfloat/multilingual-e5-large',
 *   baseUrl: 'http://127.0.0.1:8000/v1',
 *   query: { prefix: 'query: ' },
 *   document: { prefix: 'passage: ' },
 * });
 * const voyage = new OpenAiEmbedder({
 *   model: 'voyage-3.5',
 *   baseUrl: 'https://api.voyageai.com/v1',
 *   query: { parameters: { input_type: 'query' } },
 *   document: { parameters: { input_type: 'document' } },
 * });
 * ```
 */
export class OpenAiEmbedder implements Embedder {
  /** `openai:` followed by the model, for any endpoint: the same model has the same vectors everywhere. */
  readonly model: string;
  /** The requested dimension, else that of a well-known model; otherwise undefined. */
  readonly dimension: number | undefined;
  /** False if the endpoint requires a key and none is set. */
  readonly available: boolean;
  /** True if a store may cut its vectors, see {@link OpenAiEmbedderOptions.truncatable}. */
  readonly truncatable: boolean;
  /** Embeds a search text in one request; undefined if queries are embedded as documents are. */
  readonly embedQuery: Embedder['embedQuery'];
  readonly #learned = new LearnedLimits();
  readonly #settings: OpenAiSettings;
  /** Base64 vectors are a quarter of the size of decimal ones. False once the endpoint has rejected base64. */
  #base64 = true;

  /** @throws TypeError for an invalid option. */
  constructor(options: OpenAiEmbedderOptions) {
    const settings = toSettings(options);
    this.#settings = settings;
    this.model = `openai:${settings.model}`;
    this.dimension = settings.dimensions ?? knownDimension(this.model);
    this.truncatable = settings.truncatable;
    this.available = settings.apiKey !== null || !settings.requiresKey;
    const { query, document } = settings.sides;
    this.embedQuery = isSameSide(query, document)
      ? undefined
      : async (text, { signal } = {}) => (await this.#embed([text], query, signal))[0] as Float32Array;
  }

  /** The configured limits, or lower ones learned from the endpoint. */
  get limits(): EmbedderLimits {
    const { maxTexts, maxCharacters } = this.#settings;
    return { maxTexts: Math.min(maxTexts, this.#learned.maxTexts), maxCharacters };
  }

  /**
   * Embeds documents in one request.
   *
   * @throws StorageError `STORAGE_EMBEDDING_TOO_LARGE` if the texts exceed the endpoint's limits (without a request if
   * those were learned before), `STORAGE_EMBEDDING_FAILED` (`retryable` if transient, with `details.status` if there was
   * a response), `STORAGE_ABORTED`; TypeError for values that are not strings.
   */
  async embed(
    texts: readonly string[],
    { signal }: { readonly signal?: AbortSignal | undefined } = {},
  ): Promise<readonly Float32Array[]> {
    return this.#embed(texts, this.#settings.sides.document, signal);
  }

  async #embed(
    given: readonly string[],
    { prefix, parameters }: Side,
    signal: AbortSignal | undefined,
  ): Promise<readonly Float32Array[]> {
    for (const text of given) {
      if (typeof text !== 'string') throw new TypeError(`A text must be a string, not ${typeof text}.`);
    }
    if (given.length === 0) return [];
    const texts = prefix === '' ? given : given.map((text) => prefix + text);
    const settings = this.#settings;
    if (!this.available) {
      throw failure(settings, `${settings.url.host} requires a key. Set OPENAI_API_KEY or pass apiKey.`);
    }
    if (!this.#learned.mayPass(texts)) {
      throw new StorageError(
        'STORAGE_EMBEDDING_TOO_LARGE',
        `These ${texts.length} texts exceed the limits that ${settings.model} reported before.`,
      );
    }
    const body = await this.#request(texts, parameters, signal);
    this.#learned.passed(texts);
    return readVectors(body, texts.length, settings.dimensions, (message) => failure(settings, message));
  }

  async #request(
    texts: readonly string[],
    parameters: JsonObject,
    signal: AbortSignal | undefined,
  ): Promise<unknown> {
    const settings = this.#settings;
    for (let attempt = 1; ; ) {
      const result = await this.#attempt(texts, parameters, signal);
      if (result.kind === 'answered') return result.body;
      if (result.kind === 'refused' && this.#base64 && refusesBase64(result.refusal)) {
        this.#base64 = false;
        continue;
      }
      if (result.kind === 'refused' && isTooLarge(result.refusal)) {
        this.#learned.refused(result.refusal.message, texts);
      }
      const error = result.kind === 'refused' ? refusalError(result.refusal, settings) : result.error;
      const passing = result.kind === 'broken' || (isPassing(result.refusal) && !isTooLarge(result.refusal));
      if (!passing || attempt > settings.maxRetries) throw error;
      const wait = pauseBefore(attempt, {
        baseMs: settings.retryDelayMs,
        maxMs: settings.maxRetryDelayMs,
        askedMs: result.kind === 'refused' ? result.askedMs : undefined,
      });
      if (wait === undefined) throw error;
      await this.#pause(wait, signal);
      attempt += 1;
    }
  }

  async #pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
    try {
      await pause(milliseconds, undefined, { signal });
    } catch (cause) {
      throw aborted(cause);
    }
  }

  async #attempt(
    texts: readonly string[],
    parameters: JsonObject,
    signal: AbortSignal | undefined,
  ): Promise<Attempt> {
    const { url, model, apiKey, dimensions, timeoutMs } = this.#settings;
    const timeout = AbortSignal.timeout(timeoutMs);
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          ...(apiKey === null ? {} : { authorization: `Bearer ${apiKey.reveal()}` }),
        },
        body: JSON.stringify({
          ...parameters,
          model,
          input: texts,
          ...(dimensions === undefined ? {} : { dimensions }),
          encoding_format: this.#base64 ? 'base64' : 'float',
        }),
        signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
      });
      const text = await response.text();
      if (!response.ok) {
        const refusal = readRefusal(response.status, text);
        return { kind: 'refused', refusal, askedMs: retryAfter(response.headers) };
      }
      return { kind: 'answered', body: this.#parse(text) };
    } catch (cause) {
      if (signal?.aborted === true) throw aborted(cause);
      if (cause instanceof StorageError) throw cause;
      return { kind: 'broken', error: this.#connectionError(cause, timeout.aborted) };
    }
  }

  #parse(text: string): unknown {
    try {
      return JSON.parse(text);
    } catch {
      throw failure(
        this.#settings,
        `the response is not JSON: ${printable(text.slice(0, 100), this.#settings)}`,
      );
    }
  }

  #connectionError(cause: unknown, timedOut: boolean): StorageError {
    const settings = this.#settings;
    const { host } = settings.url;
    if (timedOut) {
      return failure(settings, `${host} did not answer within ${settings.timeoutMs} ms.`, {
        retryable: true,
      });
    }
    // fetch reports only "fetch failed"; the cause holds the reason.
    const inner = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause;
    const reason = inner instanceof Error ? inner.message || inner.name : String(inner);
    return failure(settings, `${host} is unreachable: ${printable(reason, settings)}`, {
      retryable: true,
    });
  }
}

function aborted(cause: unknown): StorageError {
  return new StorageError('STORAGE_ABORTED', 'The embedding was aborted by its caller.', { cause });
}
