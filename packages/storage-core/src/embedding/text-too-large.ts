import { isStorageError } from '../errors/storage-error.js';

/** Statuses with which servers reject a request that is too large; some use 422 or 500. */
const STATUSES = [400, 413, 422, 500];

/** Messages of OpenAI, Azure, Ollama, llama.cpp, vLLM, TEI and others for requests that exceed a model's limits. */
const MESSAGES =
  /maximum context length|context[_ ](?:length|window|size)|max[_ ]tokens|too many (?:input )?(?:tokens|inputs)|too (?:long|large)|token limit|exceeds? the (?:limit|maximum)|physical batch size|must have less than|array[^.]*(?:too long|at most)|batch size .* (?:>|larger|maximum)|maximum (?:allowed )?batch size/i;

/** Messages about the rate of requests, which smaller ones do not help. */
const RATE = /\brate\b|quota|per (?:minute|second|hour|day)|\b[rt]p[md]\b/i;

/**
 * Returns true if an embedder's error says that the texts were too many or too long, so that fewer or shorter ones may
 * succeed: `STORAGE_EMBEDDING_TOO_LARGE`, or an error of a provider's client with such a message and, if it has a
 * status, one with which servers reject such requests.
 *
 * @example
 * ```ts
 * const texts = ['one', 'two'];
 * try {
 *   await embedder.embed(texts);
 * } catch (error) {
 *   if (!isTextTooLarge(error)) throw error;
 *   for (const text of texts) await embedder.embed([text]);
 * }
 * ```
 */
export function isTextTooLarge(error: unknown): boolean {
  if (isStorageError(error)) return error.code === 'STORAGE_EMBEDDING_TOO_LARGE';
  if (typeof error !== 'object' || error === null) return false;
  const { message, code, type } = error as Record<string, unknown>;
  const status = statusOf(error);
  if (status === 413) return true;
  if (status !== undefined && !STATUSES.includes(status)) return false;
  const said = [code, type, message].filter((part) => typeof part === 'string').join(' ');
  return MESSAGES.test(said) && !(status === undefined && RATE.test(said));
}

/** Status in the places where the clients of providers put it. */
function statusOf(error: object): number | undefined {
  const { status, statusCode, response } = error as Record<string, unknown>;
  const inner = typeof response === 'object' && response !== null ? response : {};
  const found = [status, statusCode, (inner as Record<string, unknown>).status];
  return found.find((value) => typeof value === 'number');
}
