import { Secret } from '@switchyard/storage-core';

/** How an {@link OpenAiEmbedder} reaches its endpoint. */
export interface OpenAiEmbedderOptions {
  /** Such as `text-embedding-3-small`. */
  readonly model: string;
  /** What stands before `/embeddings`. Default: OPENAI_BASE_URL, else `https://api.openai.com/v1`. */
  readonly baseUrl?: string | undefined;
  /** Default: OPENAI_API_KEY. */
  readonly apiKey?: string | Secret | undefined;
  /** Whether the endpoint works only with a key. Default: true for api.openai.com, false for any other. */
  readonly requiresKey?: boolean | undefined;
  /** Asks the model for shorter vectors. Only some models can. */
  readonly dimensions?: number | undefined;
  /** Texts in one request. Default 256. */
  readonly maxTexts?: number | undefined;
  /** Characters in one request. Default 200,000. */
  readonly maxCharacters?: number | undefined;
  /** How long one attempt may take, in ms. Default 60,000. */
  readonly timeoutMs?: number | undefined;
  /** Further attempts after a failure that may pass. Default 4. */
  readonly maxRetries?: number | undefined;
  /** The first pause between attempts, in ms; it doubles each time. Default 500. */
  readonly retryDelayMs?: number | undefined;
  /** The longest pause, in ms; a server that asks for a longer one is not waited for. Default 30,000. */
  readonly maxRetryDelayMs?: number | undefined;
  /** Where the variables are looked up. Default `process.env`. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
}

/** The options with their defaults. */
export interface OpenAiSettings {
  readonly model: string;
  readonly url: URL;
  readonly apiKey: Secret | null;
  readonly requiresKey: boolean;
  readonly dimensions: number | undefined;
  readonly maxTexts: number;
  readonly maxCharacters: number;
  readonly timeoutMs: number;
  readonly maxRetries: number;
  readonly retryDelayMs: number;
  readonly maxRetryDelayMs: number;
}

const OPENAI_URL = 'https://api.openai.com/v1';

/** @throws TypeError for an option that makes no sense. */
export function toSettings(options: OpenAiEmbedderOptions): OpenAiSettings {
  const { env = process.env } = options;
  if (typeof options.model !== 'string' || options.model.trim() === '') {
    throw new TypeError('model must name an embedding model, such as text-embedding-3-small.');
  }
  const url = toEndpoint(options.baseUrl ?? nonEmpty(env.OPENAI_BASE_URL) ?? OPENAI_URL);
  const key = options.apiKey ?? nonEmpty(env.OPENAI_API_KEY);
  const { dimensions } = options;
  if (dimensions !== undefined) wholeNumber('dimensions', dimensions, 1);
  return {
    model: options.model,
    url,
    apiKey: typeof key === 'string' ? (key.trim() === '' ? null : new Secret(key.trim())) : (key ?? null),
    requiresKey: options.requiresKey ?? url.hostname === 'api.openai.com',
    dimensions,
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
    throw new TypeError(`${name} must be a whole number from ${min}, not ${String(value)}.`);
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
      'baseUrl must not hold a user or password: give the key as apiKey or OPENAI_API_KEY.',
    );
  }
  // The query stays: some gateways want one, such as ?api-version=….
  url.pathname = `${url.pathname.replace(/\/+$/, '').replace(/\/embeddings$/, '')}/embeddings`;
  return url;
}
