import type { JsonObject } from '@switchyard/storage-core';

/**
 * Additions to the texts of one side, queries or documents.
 *
 * @example
 * ```ts
 * const query: EmbeddingSide = { prefix: 'query: ' }; // E5
 * const document: EmbeddingSide = { parameters: { input_type: 'document' } }; // Voyage
 * ```
 */
export interface EmbeddingSide {
  /** Text before each text, such as `query: `; kept as it is, with its spaces. Default: none. */
  readonly prefix?: string | undefined;
  /** Further members of the request body, such as `{ input_type: 'query' }`. Default: none. */
  readonly parameters?: JsonObject | undefined;
}

/** {@link EmbeddingSide} with the defaults filled in. */
export interface Side {
  readonly prefix: string;
  readonly parameters: JsonObject;
}

/** Both sides of an embedder. */
export interface Sides {
  readonly query: Side;
  readonly document: Side;
}

/** Members of the request body that the embedder sets. */
const RESERVED = ['input', 'model', 'dimensions', 'encoding_format'];

/**
 * Reads both sides from the options, else from `SWITCHYARD_QUERY_PREFIX`, `SWITCHYARD_QUERY_PARAMETERS` (a JSON object)
 * and the same variables with `DOCUMENT`.
 *
 * @throws TypeError that names the member or the variable.
 */
export function readSides(
  options: { readonly query?: EmbeddingSide | undefined; readonly document?: EmbeddingSide | undefined },
  env: Readonly<Record<string, string | undefined>>,
): Sides {
  return {
    query: readSide('query', options.query, env),
    document: readSide('document', options.document, env),
  };
}

/** Returns true if texts of both sides are embedded alike. */
export function isSameSide(a: Side, b: Side): boolean {
  return a.prefix === b.prefix && JSON.stringify(a.parameters) === JSON.stringify(b.parameters);
}

function readSide(
  name: keyof Sides,
  given: EmbeddingSide | undefined,
  env: Readonly<Record<string, string | undefined>>,
): Side {
  if (given !== undefined && !isObject(given)) {
    throw new TypeError(`${name} must be an object { prefix, parameters }.`);
  }
  const variable = `SWITCHYARD_${name.toUpperCase()}`;
  // Not trimmed: a prefix ends in a space.
  const prefix = given?.prefix ?? env[`${variable}_PREFIX`] ?? '';
  if (typeof prefix !== 'string') throw new TypeError(`${name}.prefix must be a string.`);
  const json = env[`${variable}_PARAMETERS`]?.trim();
  if (given?.parameters === undefined && json !== undefined && json !== '') {
    return { prefix, parameters: checkParameters(parseJson(json), `${variable}_PARAMETERS`) };
  }
  return { prefix, parameters: checkParameters(given?.parameters ?? {}, `${name}.parameters`) };
}

function checkParameters(value: unknown, where: string): JsonObject {
  if (!isObject(value))
    throw new TypeError(`${where} must be a JSON object, such as {"input_type": "query"}.`);
  const reserved = RESERVED.find((name) => name in value);
  if (reserved !== undefined)
    throw new TypeError(`${where} must not contain ${reserved}, which is set anyway.`);
  return value as JsonObject;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
