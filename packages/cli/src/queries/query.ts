import { decodeVector } from '../arguments/vector.js';
import { CliError } from '../cli-error.js';

/** One search of a query file. */
export interface Query {
  readonly library: string;
  /** Version as given; null and the empty text select the unversioned one. */
  readonly version: string | null;
  readonly text: string;
  readonly limit: number;
  /** Null if the line has none. */
  readonly vector: Float32Array | null;
  /** Kind of question, such as `troubleshooting`; null when the line has none. */
  readonly intent: string | null;
}

/**
 * Parses one line of a query file.
 *
 * @throws CliError `CLI_QUERY_INVALID` that names the problem.
 */
export function parseQuery(line: string, defaultLimit: number): Query {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (cause) {
    throw invalid('Not valid JSON.', cause);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw invalid('Not a JSON object.');
  const {
    library,
    version = '',
    text,
    limit = defaultLimit,
    vector = null,
    intent = null,
  } = value as Record<string, unknown>;
  if (typeof library !== 'string' || library === '') throw invalid('"library" must be a name.');
  if (version !== null && typeof version !== 'string')
    throw invalid('"version" must be a string; "" selects the unversioned version.');
  if (typeof text !== 'string') throw invalid('"text" must be a string.');
  if (typeof limit !== 'number' || !Number.isSafeInteger(limit) || limit < 0) {
    throw invalid('"limit" must be a non-negative integer.');
  }
  if (vector !== null && typeof vector !== 'string') {
    throw invalid('"vector" must be base64 of little-endian float32, or null.');
  }
  if (intent !== null && typeof intent !== 'string') throw invalid('"intent" must be a string.');
  try {
    return { library, version, text, limit, intent, vector: vector === null ? null : decodeVector(vector) };
  } catch (error) {
    throw error instanceof TypeError ? invalid(error.message) : error;
  }
}

function invalid(message: string, cause?: unknown): CliError {
  const action = 'Write one JSON object per line: {"library", "version", "text", "limit", "vector"?}.';
  return new CliError('CLI_QUERY_INVALID', message, action, cause);
}
