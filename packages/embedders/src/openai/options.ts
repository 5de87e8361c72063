import { Secret } from '@switchyard/storage-core';
import { type EmbeddingSide, readSides, type Sides } from './sides.js';

/** Options of an {@link OpenAiEmbedder}. */
export interface OpenAiEmbedderOptions {
  /** Model name, such as `text-embedding-3-small`. */
  readonly model: string;
  /** URL of the API without `/embeddings`. Default: OPENAI_BASE_URL, else `https://api.openai.com/v1`. */
  readonly baseUrl?: string | undefined;
  /** API key. Default: OPENAI_API_KEY. */
  readonly apiKey?: string | Secret | undefined;
  /** If true, the embedder is unavailable without a key. Default: true for api.openai.com, false for other hosts. */
  readonly requiresKey?: boolean | undefined;
  /** Requests shorter vectors, which only some models support. Default: the model's own dimension. */
  readonly dimensions?: number | undefined;
  /** Additions to search texts, for models that embed queries and documents differently. Default: none. */
  readonly query?: EmbeddingSide | undefined;
  /**
   * Additions to documents. They change vectors but not the model's name: a store that was embedded without them must be
   * re-embedded. Default: none.
   */
  readonly document?: EmbeddingSide | undefined;
  /**
   * True if the first components of a vector are a usable vector themselves (Matryoshka models). Default: true for
   * `text-embedding-3-small` and `text-embedding-3-large`, unless `dimensions` is set; false for other models.
   */
  readonly truncatable?: boolean | undefined;
  /** Maximum number of texts per request. Default: 256. */
  readonly maxTexts?: number | undefined;
  /** Maximum number of characters per request. Default: 200,000. */
  readonly maxCharacters?: number | undefined;
  /** Timeout of a single attempt in milliseconds. Default: 60,000. */
  readonly timeoutMs?: number | undefined;
  /** Maximum number of retries after a transient failure. Default: 4. */
  readonly maxRetries?: number | undefined;
  /** First delay between attempts in milliseconds; doubles with each retry. Default: 500. */
  readonly retryDelayMs?: number | undefined;
  /** Maximum delay in milliseconds; if the server requests more, the call fails. Default: 30,000. */
  readonly maxRetryDelayMs?: number | undefined;
  /** Environment variables. Default: `process.env`. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
}

/** {@link OpenAiEmbedderOptions} with the defaults filled in. */
export interface OpenAiSettings {
  readonly model: string;
  readonly url: URL;
  readonly apiKey: Secret | null;
  readonly requiresKey: boolean;
  readonly dimensions: number | undefined;
  readonly sides: Sides;
  readonly truncatable: boolean;
  readonly maxTexts: number;
  readonly maxCharacters: number;
  readonly timeoutMs: number;
  readonly maxRetries: number;
  readonly retryDelayMs: number;
  readonly maxRetryDelayMs: number;
}

const OPENAI_URL = 'https://api.openai.com/v1';

/** Models whose makers say that their vectors may be cut. */
const MATRYOSHKA = /^text-embedding-3-(?:small|large)$/;

/** Fills in the defaults. @throws TypeError for an invalid option. */
export function toSettings(options: OpenAiEmbedderOptions): OpenAiSettings {
  const { env = process.env } = options;
  if (typeof options.model !== 'string' || options.model.trim() === '') {
    throw new TypeError('model must name an embedding model, such as text-embedding-3-small.');
  }
  const url = toEndpoint(options.baseUrl ?? nonEmpty(env.OPENAI_BASE_URL) ?? OPENAI_URL);
  const key = options.apiKey ?? nonEmpty(env.OPENAI_API_KEY);
  const { dimensions, truncatable } = options;
  if (truncatable !== undefined && typeof truncatable !== 'boolean') {
    throw new TypeError('truncatable must be true or false.');
  }
  if (dimensions !== undefined) wholeNumber('dimensions', dimensions, 1);
  return {
    model: options.model,
    url,
    apiKey: typeof key === 'string' ? (key.trim() === '' ? null : new Secret(key.trim())) : (key ?? null),
    requiresKey: options.requiresKey ?? url.hostname === 'api.openai.com',
    dimensions,
    sides: readSides(options, env),
    truncatable: truncatable ?? (dimensions === undefined && MATRYOSHKA.test(options.model)),
    maxTexts: wholeNumber('maxTexts', options.maxTexts ?? 256, 1),
    maxCharacters: wholeNumber('maxCharacters', options.maxCharacters ?? 200_000, 1),
    timeoutMs: wholeNumber('timeoutMs', options.timeoutMs ?? 60_000, 1),
    maxRetries: wholeNumber('maxRetries', options.maxRetries ?? 4, 0),
    retryDelayMs: wholeNumber('retryDelayMs', options.retryDelayMs ?? 500, 0),
    maxRetryDelayMs: wholeNumber('maxRetryDelayMs', options.maxRetryDelayMs ?? 30_000, 0),
  };
}

function nonEmpty(value: string | undefined): string | undefined {
  return value === undefined || value.trim() === '' ? undefined : value.trim();
}

function wholeNumber(name: string, value: number, min: number): number {
  if (!Number.isSafeInteger(value) || value < min) {
    throw new TypeError(`${name} must be an integer of at least ${min}, not ${String(value)}.`);
  }
  return value;
}

function toEndpoint(baseUrl: string): URL {
  let url: URL;
  try {
    url = new URL(baseUrl);
  } catch {
    throw new TypeError('baseUrl must be a URL such as https://api.openai.com/v1.');
  }
  if (!['http:', 'https:'].includes(url.protocol))
    throw new TypeError('baseUrl must be an http or https URL.');
  if (url.username !== '' || url.password !== '') {
    throw new TypeError(
      'baseUrl must not contain a user or password: pass the key as apiKey or OPENAI_API_KEY.',
    );
  }
  // The query is kept: some gateways require one, such as ?api-version=….
  url.pathname = `${url.pathname.replace(/\/+$/, '').replace(/\/embeddings$/, '')}/embeddings`;
  return url;
}
