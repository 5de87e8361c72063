import { StorageError } from '@switchyard/storage-core';
import type { OpenAiSettings } from './options.js';
import { statesLimit } from './stated-limits.js';

/** What a server answered instead of vectors. */
export interface RefusedRequest {
  readonly status: number;
  /** The message inside the answer, or the beginning of the answer. */
  readonly message: string;
  /** The code or type inside the answer, such as `insufficient_quota`. */
  readonly code: string;
}

/** Messages of OpenAI, Azure, Ollama, llama.cpp, vLLM, TEI and others for more text than a model takes. */
const tooLargeMessages =
  /maximum context length|context[_ ](?:length|window|size)|max[_ ]tokens|too many (?:input )?(?:tokens|inputs)|too (?:long|large)|token limit|exceeds? the (?:limit|maximum)|physical batch size|must have less than|array[^.]*(?:too long|at most)|batch size .* (?:>|larger|maximum)|maximum (?:allowed )?batch size/i;

/** Whether the same texts may pass in smaller parts. Some servers say so with status 422 or 500. */
export function isTooLarge({ status, message, code }: RefusedRequest): boolean {
  if (status === 413) return true;
  if (![400, 422, 500].includes(status)) return false;
  return tooLargeMessages.test(`${code} ${message}`) || statesLimit(message);
}

/** Whether the same request may pass later. An exhausted account answers 429 too, and does not pass. */
export function isPassing({ status, code }: RefusedRequest): boolean {
  if (status === 429) return code !== 'insufficient_quota';
  return status === 408 || status === 409 || status >= 500;
}

/** Whether the server does not know `encoding_format`. */
export function refusesBase64({ status, message }: RefusedRequest): boolean {
  return [400, 404, 422, 501].includes(status) && /encoding[_ ]?format|base64/i.test(message);
}

/** Reads the error out of an answer: OpenAI's `{ error: { message, code } }` and what others make of it. */
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
    // Not JSON: a proxy's page, say. Its beginning is the message.
  }
  return { status, message: message.replace(/\s+/g, ' ').trim(), code };
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null
    ? ((value as Record<string, unknown>)[name] ?? undefined)
    : undefined;
}

/** The error of a request that the server refused. Holds no key. */
export function refusalError(refusal: RefusedRequest, settings: OpenAiSettings): StorageError {
  const { status } = refusal;
  const said = printable(refusal.message, settings) || '(no message)';
  if (isTooLarge(refusal)) {
    return new StorageError(
      'STORAGE_EMBEDDING_TOO_LARGE',
      `${settings.model} was sent more than it takes in one request (status ${status}): ${said}`,
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
      ? 'Set OPENAI_API_KEY or give an apiKey.'
      : 'Check OPENAI_API_KEY or the apiKey.';
  }
  if (status === 404) return 'Check the base URL and the name of the model.';
  if (code === 'insufficient_quota') return 'The account has no quota left.';
  return '';
}

/** A `STORAGE_EMBEDDING_FAILED` that names the model. */
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

/** What a server said, in one short line, with the key blotted out should it have repeated it. */
export function printable(text: string, settings: OpenAiSettings): string {
  const clean = settings.apiKey === null ? text : settings.apiKey.redact(text);
  // OpenAI repeats a wrong key with stars in its middle.
  const masked = clean.replace(/\bsk-[\w*-]+/g, '[redacted]');
  return masked.length > 300 ? `${masked.slice(0, 300)}…` : masked;
}
