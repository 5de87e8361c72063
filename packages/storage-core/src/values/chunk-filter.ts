import { checkArray, checkMembers, checkObject, checkString } from '../runtime/check-fields.js';
import type { ChunkMetadata } from './records.js';
import { toWellFormed } from './well-formed.js';

/**
 * Restricts a search to some chunks of a version, before its limit is applied. Every given member has to hold. All
 * comparisons are exact: case-sensitive, without wildcards.
 *
 * @example
 * ```ts
 * const filter: ChunkFilter = {
 *   types: ['code', 'table'],
 *   pathPrefix: ['Reference', 'Hooks'],
 *   urlPrefix: 'https://fastify.dev/docs/',
 * };
 * const hits = await store.search('fastify', '5.0', 'onRequest', { filter });
 * ```
 */
export interface ChunkFilter {
  /** Chunks with at least one of these types (`metadata.types`). Must not be empty. */
  readonly types?: readonly string[] | undefined;
  /** Chunks whose heading path begins with these headings, element by element. An empty path restricts nothing. */
  readonly pathPrefix?: readonly string[] | undefined;
  /** Chunks of pages whose URL begins with this string. `%`, `_` and `*` are plain characters. */
  readonly urlPrefix?: string | undefined;
}

/** A filter in the form that backends apply: well-formed texts, and null for a member that restricts nothing. */
export interface NormalFilter {
  /** See {@link ChunkFilter.types}; sorted, each once. */
  readonly types: readonly string[] | null;
  /** See {@link ChunkFilter.pathPrefix}; not empty. */
  readonly pathPrefix: readonly string[] | null;
  /** See {@link ChunkFilter.urlPrefix}; not empty. */
  readonly urlPrefix: string | null;
}

const MEMBERS = { types: true, pathPrefix: true, urlPrefix: true } satisfies Record<keyof ChunkFilter, true>;

/** @throws TypeError that names the field. */
export function checkChunkFilter(filter: ChunkFilter, field = 'filter'): void {
  checkObject(filter, field, '{ types, pathPrefix, urlPrefix }');
  checkMembers(filter, MEMBERS, field);
  const { types, pathPrefix, urlPrefix } = filter;
  if (types !== undefined) checkTexts(types, `${field}.types`);
  // "Any of none" is nothing, but callers with an empty selection usually mean everything.
  if (types?.length === 0)
    throw new TypeError(`${field}.types must not be empty; omit it to allow every type.`);
  if (pathPrefix !== undefined) checkTexts(pathPrefix, `${field}.pathPrefix`);
  if (urlPrefix !== undefined) checkString(urlPrefix, `${field}.urlPrefix`);
}

/** Returns the form of a filter that backends apply; null if it restricts nothing. @throws TypeError */
export function normalizeFilter(filter: ChunkFilter | undefined): NormalFilter | null {
  if (filter === undefined) return null;
  checkChunkFilter(filter);
  const { types, pathPrefix = [], urlPrefix = '' } = filter;
  const normal = {
    types: types === undefined ? null : [...new Set(types.map(toWellFormed))].sort(),
    pathPrefix: pathPrefix.length === 0 ? null : pathPrefix.map(toWellFormed),
    urlPrefix: urlPrefix === '' ? null : toWellFormed(urlPrefix),
  };
  return Object.values(normal).every((member) => member === null) ? null : normal;
}

/** Returns true if a chunk passes a filter, for backends that filter in memory. */
export function passesFilter(
  { types, pathPrefix, urlPrefix }: NormalFilter,
  chunk: { readonly url: string; readonly metadata: ChunkMetadata },
): boolean {
  const { metadata, url } = chunk;
  return (
    (types === null || types.some((type) => metadata.types.includes(type))) &&
    (pathPrefix === null || pathPrefix.every((heading, level) => metadata.path[level] === heading)) &&
    (urlPrefix === null || url.startsWith(urlPrefix))
  );
}

function checkTexts(value: unknown, field: string): void {
  checkArray(value, field);
  for (const [index, text] of (value as readonly unknown[]).entries())
    checkString(text, `${field}[${index}]`);
}
