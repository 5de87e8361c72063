import { isTextTooLarge, StorageError } from '@switchyard/storage-core';
import type { OpenAiSettings } from './options.js';
import { statesLimit } from './stated-limits.js';

/** An error response of a server. */
export interface RefusedRequest {
  readonly status: number;
  /** The message in the response, or the beginning of the response. */
  readonly message: string;
  /** The code or type in the response, such as `insufficient_quota`. */
  readonly code: string;
}

/** Returns whether the texts may succeed in smaller batches. Some servers signal this with status 422 or 500. */
export function isTooLarge(refusal: RefusedRequest): boolean {
  if (isTextTooLarge(refusal)) return true;
  return [400, 422, 500].includes(refusal.status) && statesLimit(refusal.message);
}

/** Returns whether the failure is transient. An exhausted account also answers 429, but permanently. */
export function isPassing({ status, code }: RefusedRequest): boolean {
  if (status === 429) return code !== 'insufficient_quota';
  return status === 408 || status === 409 || status >= 500;
}

/** Returns whether the server does not support `encoding_format`. */
export function refusesBase64({ status, message }: RefusedRequest): boolean {
  return [400, 404, 422, 501].includes(status) && /encoding[_ ]?format|base64/i.test(message);
}

/** Parses an error response: OpenAI's `{ error: { message, code } }` and its variants. */
export function readRefusal(status: number, body: string): RefusedRequest {
  let message = body;
  let code = '';
  try {
    const parsed: unknown = JSON.parse(body);
    const error = field(parsed, 'error') ?? parsed;
    const text = typeof error === 'string' ? error : (field(error, 'message') ?? field(error, 'detail'));
    if (text !== undefined) message = typeof text === 'string' ? text : JSON.stringify(text);
    code = String(field(error, 'code') ?? field(error, 'type') ?? '');
  } catch {
    // Not JSON, such as a proxy's error page: use its beginning as the message.
  }
  return { status, message: message.replace(/\s+/g, ' ').trim(), code };
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null
    ? ((value as Record<string, unknown>)[name] ?? undefined)
    : undefined;
}

/** Builds the error for a rejected request. Never contains the key. */
export function refusalError(refusal: RefusedRequest, settings: OpenAiSettings): StorageError {
  const { status } = refusal;
  const said = printable(refusal.message, settings) || '(no message)';
  if (isTooLarge(refusal)) {
    return new StorageError(
      'STORAGE_EMBEDDING_TOO_LARGE',
      `The request exceeds the limits of ${settings.model} (status ${status}): ${said}`,
      { details: { status } },
    );
  }
  return failure(
    settings,
    `${settings.url.host} answered with status ${status}: ${said} ${advice(refusal, settings)}`.trim(),
    { retryable: isPassing(refusal), status },
  );
}

function advice({ status, code }: RefusedRequest, settings: OpenAiSettings): string {
  if (status === 401 || status === 403) {
    return settings.apiKey === null
      ? 'Set OPENAI_API_KEY or pass apiKey.'
      : 'Check OPENAI_API_KEY or apiKey.';
  }
  if (status === 404) return 'Check the base URL and the name of the model.';
  if (code === 'insufficient_quota') return 'The account has no quota left.';
  return '';
}

/** Builds a `STORAGE_EMBEDDING_FAILED` error that names the model. */
export function failure(
  settings: OpenAiSettings,
  message: string,
  options: { retryable?: boolean; status?: number; cause?: unknown } = {},
): StorageError {
  const { retryable = false, status, cause } = options;
  return new StorageError('STORAGE_EMBEDDING_FAILED', `Embedding with ${settings.model} failed: ${message}`, {
    retryable,
    ...(cause === undefined ? {} : { cause }),
    ...(status === undefined ? {} : { details: { status } }),
  });
}

/** Shortens a server message and redacts the key in case the server repeated it. */
export function printable(text: string, settings: OpenAiSettings): string {
  const clean = settings.apiKey === null ? text : settings.apiKey.redact(text);
  // OpenAI repeats an invalid key with asterisks in the middle.
  const masked = clean.replace(/\bsk-[\w*-]+/g, '[redacted]');
  return masked.length > 300 ? `${masked.slice(0, 300)}…` : masked;
}
