import { StorageError } from '../errors/storage-error.js';
import type { CandidateRequest } from '../ports/candidates.js';
import type { ContextOptions, RelativesRequest } from '../ports/catalog.js';
import type { FtsQuery, FtsWeights } from '../ports/fts-index.js';
import type { VectorQuery } from '../ports/vector-index.js';
import { checkChunkFilter } from '../values/chunk-filter.js';
import type { LibraryRef, PageRef, VersionRef } from '../values/ids.js';
import type { Mutation, ReplacePage, SetVersionStatus } from '../values/mutations.js';
import { normalizeLibraryName, normalizeVersionName } from '../values/names.js';
import { normalizePageFilter } from '../values/page-filter.js';
import { versionStatuses } from '../values/records.js';
import { toWellFormed } from '../values/well-formed.js';
import {
  checkArray,
  checkBoolean,
  checkMembers,
  checkNumber,
  checkObject,
  checkString,
  checkStringOrNull,
} from './check-fields.js';
import { checkJson, checkMetadata } from './check-metadata.js';
import { checkPageFields } from './check-page-fields.js';
import { checkLibraryRecord, checkVersionRecord } from './check-records.js';

/**
 * Checks a vector before it is stored or searched for. Drivers accept anything with the right number of bytes, and a
 * single NaN breaks an ordering, so every backend calls this first.
 *
 * @param dimension Dimension of the store; undefined if unknown.
 * @throws StorageError `STORAGE_INVALID_VECTOR`, `STORAGE_DIMENSION_MISMATCH`; TypeError unless it is a Float32Array.
 */
export function checkVector(vector: Float32Array, dimension: number | undefined, what: string): void {
  if (!(vector instanceof Float32Array)) throw new TypeError(`${what} must be a Float32Array.`);
  if (vector.length === 0) {
    throw new StorageError('STORAGE_INVALID_VECTOR', `${what} is empty.`, { outcome: 'not-applied' });
  }
  // One pass without a branch per component: a sum is finite if and only if no component is NaN or infinite, unless
  // finite ones overflow it, which float64 cannot from float32 inputs. Four sums, since each addition waits for the
  // previous one.
  let [a, b, c, d] = [0, 0, 0, 0];
  const fours = vector.length & ~3;
  for (let i = 0; i < fours; i += 4) {
    a += vector[i] as number;
    b += vector[i + 1] as number;
    c += vector[i + 2] as number;
    d += vector[i + 3] as number;
  }
  for (let i = fours; i < vector.length; i++) a += vector[i] as number;
  if (!Number.isFinite(a + b + c + d)) {
    const at = vector.findIndex((component) => !Number.isFinite(component));
    throw new StorageError(
      'STORAGE_INVALID_VECTOR',
      `${what} is not finite: component ${at} is ${vector[at]}. Check the output of the embedder.`,
      { outcome: 'not-applied', details: { component: at } },
    );
  }
  if (dimension !== undefined && vector.length !== dimension) {
    throw new StorageError(
      'STORAGE_DIMENSION_MISMATCH',
      `${what} has ${vector.length} components; this store has vectors of ${dimension}.`,
      { outcome: 'not-applied', details: { expected: dimension, actual: vector.length } },
    );
  }
}

/** @throws TypeError unless a limit is an integer of at least the minimum. */
export function checkLimit(limit: number, what = 'limit', minimum = 0): void {
  if (!Number.isSafeInteger(limit) || limit < minimum) {
    throw new TypeError(`${what} must be a whole number from ${minimum}, not ${String(limit)}.`);
  }
}

/** @throws TypeError unless an id is a positive integer. */
export function checkId(id: number, what: string): void {
  if (!Number.isSafeInteger(id) || id < 1) {
    throw new TypeError(`${what} must be a positive integer, not ${String(id)}.`);
  }
}

/**
 * Returns the reference with its names in stored form.
 *
 * @throws TypeError for a name that is not a string, or an id that is not a positive integer.
 *
 * @example
 * ```ts
 * normalizeVersionRef({ library: 'Fastify', version: '5.0-RC' }); // { library: 'fastify', version: '5.0-rc' }
 * ```
 */
export function normalizeVersionRef(
  ref: VersionRef,
): { readonly versionId: number } | { readonly library: string; readonly version: string } {
  checkObject(ref, 'version', '{ library, version } or { versionId }');
  if ('versionId' in ref) {
    checkId(ref.versionId, 'versionId');
    return ref;
  }
  return { library: normalizeLibraryName(ref.library), version: normalizeVersionName(ref.version) };
}

/** Returns the reference with its name in stored form. @throws TypeError */
export function normalizeLibraryRef(
  ref: LibraryRef,
): { readonly libraryId: number } | { readonly library: string } {
  checkObject(ref, 'library', '{ library } or { libraryId }');
  if ('libraryId' in ref) {
    checkId(ref.libraryId, 'libraryId');
    return ref;
  }
  return { library: normalizeLibraryName(ref.library) };
}

/** Returns the reference with its names in stored form. @throws TypeError */
export function normalizePageRef(ref: PageRef): PageRef {
  checkObject(ref, 'page', '{ version, url } or { pageId }');
  if ('pageId' in ref) {
    checkId(ref.pageId, 'pageId');
    return ref;
  }
  checkString(ref.url, 'page.url');
  return { version: normalizeVersionRef(ref.version), url: toWellFormed(ref.url) };
}

/** @throws TypeError, and the errors of {@link checkVector}. */
export function checkVectorQuery(query: VectorQuery, dimension: number | undefined): void {
  checkLimit(query.limit);
  normalizeVersionRef(query.version);
  if (query.filter !== undefined) checkChunkFilter(query.filter);
  checkVector(query.vector, dimension, 'The query vector');
}

/** @throws TypeError */
export function checkFtsQuery(query: FtsQuery): void {
  checkLimit(query.limit);
  normalizeVersionRef(query.version);
  if (query.weights !== undefined) checkFtsWeights(query.weights, 'weights');
  if (query.filter !== undefined) checkChunkFilter(query.filter);
}

/**
 * Checks a request for candidates, except for its vector search mode and model.
 *
 * @param dimension Dimension of the store; undefined if unknown.
 * @throws TypeError, and the errors of {@link checkVector}.
 */
export function checkCandidateRequest(request: CandidateRequest, dimension: number | undefined): void {
  const { versions, filter, vector, fts, fusion, context } = request;
  checkArray(versions, 'versions');
  for (const version of versions) normalizeVersionRef(version);
  if (filter !== undefined) checkChunkFilter(filter);
  if (vector !== null) {
    checkObject(vector, 'vector', '{ values, limit }, or null');
    checkLimit(vector.limit, 'vector.limit');
    checkVector(vector.values, dimension, 'The query vector');
  }
  checkLimit(fts.limit, 'fts.limit');
  if (fts.weights !== undefined) checkFtsWeights(fts.weights, 'fts.weights');
  checkLimit(fusion.limit, 'fusion.limit');
  if (context !== undefined) checkContext(context, 'context');
}

/** @throws TypeError that names the column; every column needs a weight. */
export function checkFtsWeights(weights: FtsWeights, field: string): void {
  checkObject(weights, field, '{ content, title, url, path }');
  for (const column of ['content', 'title', 'url', 'path'] as const) {
    checkNumber(weights[column], `${field}.${column}`);
  }
}

/** @throws TypeError that names the field. */
export function checkRelativesRequest(request: RelativesRequest): void {
  checkObject(request, 'request', '{ chunkIds }');
  checkArray(request.chunkIds, 'chunkIds');
  for (const id of request.chunkIds) checkId(id, 'A chunk id');
  if (request.version !== undefined) normalizeVersionRef(request.version);
  checkContext(request);
}

const CONTEXT_MEMBERS = {
  parent: true,
  children: true,
  precedingSiblings: true,
  subsequentSiblings: true,
} satisfies Record<keyof ContextOptions, true>;

/**
 * Checks which relatives are requested.
 *
 * @param field Field that holds the options; empty for a request that extends them.
 * @throws TypeError that names the field.
 */
export function checkContext(context: ContextOptions, field = ''): void {
  const prefix = field === '' ? '' : `${field}.`;
  checkObject(context, field, '{ parent, children, precedingSiblings, subsequentSiblings }');
  // A request has other members beside those of its context.
  if (field !== '') checkMembers(context, CONTEXT_MEMBERS, field);
  const { parent, children, precedingSiblings, subsequentSiblings } = context;
  if (parent !== undefined) checkBoolean(parent, `${prefix}parent`);
  for (const [name, limit] of Object.entries({ children, precedingSiblings, subsequentSiblings })) {
    if (limit !== undefined) checkLimit(limit, `${prefix}${name}`);
  }
}

/**
 * Checks a mutation before any of its list is applied. Vectors are checked against the dimension of the store.
 *
 * @throws StorageError `STORAGE_INVALID_VECTOR`, `STORAGE_DIMENSION_MISMATCH`, `STORAGE_PROFILE_MISSING`; TypeError.
 */
export function checkMutation(mutation: Mutation, dimension: number | undefined): void {
  checkObject(mutation, 'mutation');
  switch (mutation.kind) {
    case 'resolveVersion':
      normalizeLibraryName(mutation.library);
      normalizeVersionName(mutation.version);
      if (mutation.ids !== undefined) {
        checkObject(mutation.ids, 'ids', '{ libraryId, versionId }');
        checkId(mutation.ids.libraryId, 'ids.libraryId');
        checkId(mutation.ids.versionId, 'ids.versionId');
      }
      return;
    case 'putLibrary':
      checkLibraryRecord(mutation.library, 'library');
      normalizeLibraryName(mutation.library.name);
      return;
    case 'putVersion':
      checkLibraryRecord(mutation.library, 'library');
      checkVersionRecord(mutation.version, 'version');
      normalizeLibraryName(mutation.library.name);
      return;
    case 'replacePage':
      checkReplacePage(mutation, dimension);
      return;
    case 'deletePage':
      normalizePageRef(mutation.page);
      return;
    case 'deletePages':
      normalizeVersionRef(mutation.version);
      if (mutation.filter !== undefined) normalizePageFilter(mutation.filter);
      return;
    case 'removeVersion':
      normalizeVersionRef(mutation.version);
      if (mutation.removeLibrary !== undefined) checkBoolean(mutation.removeLibrary, 'removeLibrary');
      return;
    case 'removeLibrary':
      normalizeLibraryRef(mutation.library);
      return;
    case 'clear':
      return;
    case 'setScraperOptions':
      checkVersionChange(mutation);
      checkStringOrNull(mutation.sourceUrl, 'sourceUrl');
      if (mutation.options !== null) checkObject(mutation.options, 'options');
      if (mutation.options !== null) checkJson(mutation.options, 'options');
      return;
    case 'setVersionStatus':
      checkVersionChange(mutation);
      if (!versionStatuses.includes(mutation.status)) {
        throw new TypeError(`status must be one of ${versionStatuses.join(', ')}.`);
      }
      checkStringOrNull(mutation.errorMessage ?? null, 'errorMessage');
      return;
    case 'setVersionProgress':
      checkVersionChange(mutation);
      checkLimit(mutation.pages, 'pages');
      checkLimit(mutation.maxPages, 'maxPages');
      return;
    default:
      throw new TypeError(`Unknown mutation: ${String((mutation as { kind: unknown }).kind)}.`);
  }
}

function checkVersionChange({ version, ifMissing }: Pick<SetVersionStatus, 'version' | 'ifMissing'>): void {
  normalizeVersionRef(version);
  if (ifMissing !== undefined && ifMissing !== 'error' && ifMissing !== 'ignore') {
    throw new TypeError(`ifMissing must be 'error' or 'ignore', not ${String(ifMissing)}.`);
  }
}

function checkReplacePage(mutation: ReplacePage, dimension: number | undefined): void {
  normalizeVersionRef(mutation.version);
  const { page, chunks, model } = mutation;
  checkObject(page, 'page');
  checkArray(chunks, 'chunks');
  checkStringOrNull(model ?? null, 'model');
  for (const [index, chunk] of chunks.entries()) checkObject(chunk, `chunks[${index}]`);
  if (typeof page.url !== 'string' || page.url === '') throw new TypeError('page.url must not be empty.');
  checkPageFields(page, 'page');
  if (page.id !== undefined) checkId(page.id, 'page.id');
  const withId = chunks.filter((chunk) => chunk.id !== undefined).length;
  if (withId !== 0 && withId !== chunks.length) {
    throw new TypeError('Specify an id for every chunk of a page, or for none.');
  }
  for (const [index, chunk] of chunks.entries()) {
    if (chunk.id !== undefined) checkId(chunk.id, `chunks[${index}].id`);
    if (typeof chunk.content !== 'string') throw new TypeError(`chunks[${index}].content must be a string.`);
    checkMetadata(chunk.metadata, `chunks[${index}].metadata`);
    if (chunk.sortOrder !== undefined) checkLimit(chunk.sortOrder, `chunks[${index}].sortOrder`);
    if (chunk.vector === null) continue;
    if (chunk.vector === undefined) {
      throw new TypeError(`chunks[${index}].vector must be a Float32Array or null, not undefined.`);
    }
    checkVector(chunk.vector, dimension, `The vector of chunk ${index} of ${page.url}`);
    if (dimension === undefined) {
      throw new StorageError(
        'STORAGE_PROFILE_MISSING',
        'The store has no model and dimension for vectors yet: call vectors.reconcile() first.',
        { outcome: 'not-applied' },
      );
    }
  }
}
