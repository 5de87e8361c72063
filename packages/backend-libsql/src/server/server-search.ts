import { fts5Expression, searchWords } from '@switchyard/fts-text';
import {
  filterValues,
  MAX_WORDS_AT_ONCE,
  matchInParts,
  readRelatives,
  relativeLimits,
  type SqliteDriver,
  type SqlValue,
} from '@switchyard/sqlite-common';
import {
  type Capabilities,
  type ContextOptions,
  type EmbeddingProfile,
  isStorageError,
  type VectorCacheReport,
  type VersionRef,
} from '@switchyard/storage-core';
import {
  type CandidateRequest,
  type Candidates,
  checkCandidateRequest,
  checkFtsQuery,
  checkLimit,
  checkVector,
  defaultFtsWeights,
  type FtsHit,
  type FtsQuery,
  fuse,
  type NormalFilter,
  normalizeFilter,
  requireModel,
  requireSearchMode,
  type VectorHit,
  type VectorQuery,
  type VectorsQuery,
} from '@switchyard/storage-core/backend';
import { BACKEND_NAME } from '../capabilities.js';
import { versionValues } from '../catalog/version-ref.js';
import type { StoreSearch } from '../search/store-search.js';
import { toBlob } from '../vectors/blob.js';
import { float32Bound } from '../vectors/float32-error.js';
import { readProfile } from '../vectors/profile.js';
import { lengthOf, toUnitLength } from '../vectors/scale.js';
import { HeldVersions } from './held-versions.js';
import { type AnyRow, type Found, type FoundRow, profileFrom, readFound } from './search-results.js';
import { ANY_OF_VERSIONS, searchStatementFor, type VectorList } from './search-statements.js';

/** Parts of one request. A part that is absent returns an empty list. */
interface Search {
  readonly versions: readonly VersionRef[];
  readonly filter: NormalFilter | null;
  readonly vector?: CandidateRequest['vector'];
  readonly fts?:
    | (Omit<FtsQuery, 'version' | 'terms' | 'filter'> & { readonly expression: string })
    | undefined;
  readonly fusion?: CandidateRequest['fusion'] | undefined;
  readonly context?: ContextOptions | undefined;
}

/**
 * Searches of a store on a server: each is one statement, hence one request that sees one state of the store.
 *
 * The statement depends on the embedding profile of the store, which is remembered from the last answer. Every answer
 * contains the profile of its own state; if that differs, the search is repeated.
 */
export class ServerSearch implements StoreSearch {
  readonly #driver: SqliteDriver;
  readonly #capabilities: Capabilities;
  readonly #held: HeldVersions;
  /** Undefined until it has been read. */
  #profile: EmbeddingProfile | null | undefined;

  /** @param vectorCacheBytes memory for vectors of versions that are searched repeatedly; 0 for none */
  constructor(driver: SqliteDriver, capabilities: Capabilities, vectorCacheBytes: number) {
    this.#driver = driver;
    this.#capabilities = capabilities;
    this.#held = new HeldVersions(driver, vectorCacheBytes);
  }

  /** Embedding profile of the store as of the last search; null without one. */
  get profile(): EmbeddingProfile | null {
    if (this.#profile === undefined) this.#read();
    return this.#profile ?? null;
  }

  #read(): void {
    this.#profile = readProfile(this.#driver);
  }

  /** See `VectorIndex.nearest`. */
  nearest({ version, vector: values, limit, mode, model, filter }: VectorQuery): readonly VectorHit[] {
    return this.#search({
      versions: [version],
      filter: normalizeFilter(filter),
      vector: { values, limit, mode, model },
    }).vector;
  }

  /** See `VectorIndex.hasAny`. */
  hasAny({ versions, model }: VectorsQuery): boolean {
    const asked = JSON.stringify(versions.map(versionValues));
    const read = (statement: string) => {
      const row = this.#driver.first<AnyRow>(statement, [asked]);
      this.#profile = profileFrom(row?.record ?? null);
      requireModel(BACKEND_NAME, this.#profile, model);
      return row?.found === 1;
    };
    try {
      return read(ANY_OF_VERSIONS);
    } catch (error) {
      if (!isStorageError(error, 'STORAGE_INTERNAL')) throw error;
      // Without a profile there is no table of vectors.
      this.#read();
      if (this.#profile !== null) throw error;
      return false;
    }
  }

  /** See `FtsIndex.match`. */
  match({ version, ...query }: FtsQuery): readonly FtsHit[] {
    checkFtsQuery({ ...query, version });
    return this.#match([version], normalizeFilter(query.filter), query);
  }

  #match(
    versions: readonly VersionRef[],
    filter: NormalFilter | null,
    query: CandidateRequest['fts'],
  ): readonly FtsHit[] {
    const words = searchWords(query.terms);
    const expression = fts5Expression(words);
    if (expression === null || query.limit === 0) return [];
    const find = (part: string, limit: number) =>
      this.#search({ versions, filter, fts: { ...query, limit, expression: part } }).fts;
    return words.length <= MAX_WORDS_AT_ONCE
      ? find(expression, query.limit)
      : matchInParts(words, query.limit, (part, limit) => [...find(part, limit)]);
  }

  /** See `StorageBackend.candidates`. */
  candidates(request: CandidateRequest): Candidates {
    // The vector is checked when the profile is known.
    checkCandidateRequest({ ...request, vector: null }, undefined);
    const { versions, vector, fts, fusion, context } = request;
    const filter = normalizeFilter(request.filter);
    const words = searchWords(fts.terms);
    if (words.length > MAX_WORDS_AT_ONCE) {
      // A pasted page: its words are searched in parts, which must all see the same state.
      return this.#driver.readTransaction(() => this.#inParts(request, filter));
    }
    const expression = fts.limit === 0 ? null : fts5Expression(words);
    const found = this.#search({
      versions,
      filter,
      vector,
      fts: expression === null ? undefined : { ...fts, expression },
      fusion,
      context,
    });
    return fuseFound(found, request);
  }

  /** Returns the usage of the memory for vectors. */
  report(): { readonly vectorCache: VectorCacheReport } {
    return { vectorCache: this.#held.report() };
  }

  /** Releases the memory, and ends what is loaded in the background. */
  close(): void {
    this.#held.close();
  }

  #inParts(request: CandidateRequest, filter: NormalFilter | null): Candidates {
    const { versions, vector, fts, fusion, context } = request;
    const near = this.#search({ versions, filter, vector, fusion });
    const matches = this.#match(versions, filter, fts);
    const structural = this.#structuralAmong([...near.vector, ...matches].map(({ chunkId }) => chunkId));
    // Its rows are the best of the vector list alone.
    const found = fuseFound({ ...near, fts: matches, structural }, { fusion });
    if (context === undefined) return found;
    const chunkIds = found.fused.map(({ chunkId }) => chunkId);
    const relatives = readRelatives(this.#driver, { ...context, chunkIds }).filter((one) => one !== null);
    return { ...found, relatives };
  }

  #structuralAmong(ids: readonly number[]): number[] {
    return this.#driver
      .all<{ id: number }>(STRUCTURAL_AMONG, [JSON.stringify([...new Set(ids)])])
      .map(({ id }) => id);
  }

  #search(search: Search, again = true): Found {
    const { vector = null } = search;
    if (vector !== null) requireSearchMode(BACKEND_NAME, this.#capabilities, vector.mode);
    // The remembered profile may be outdated, so it is read again before anything is refused because of it.
    if (this.#profile === undefined || (vector !== null && !fits(vector, this.#profile))) this.#read();
    const profile = this.#profile ?? null;
    if (vector !== null) {
      requireModel(BACKEND_NAME, profile, vector.model);
      checkLimit(vector.limit);
      checkVector(vector.values, profile?.dimension, 'The query vector');
    }
    const key = heldKey(search, profile);
    const held = key === null || profile === null ? null : this.#held.find(key, profile);
    const near = held === null || vector === null ? null : held.nearest(vector.values, vector.limit);
    const { statement, parameters } = toRequest(search, profile, near);
    let rows: FoundRow[];
    try {
      rows = this.#driver.all<FoundRow>(statement, parameters);
    } catch (error) {
      // The vector table may have been dropped or created since the profile was read.
      if (!again || !isStorageError(error, 'STORAGE_INTERNAL')) throw error;
      this.#profile = undefined;
      return this.#search(search, false);
    }
    const found = readFound(rows, vector, profile, near);
    this.#profile = found.profile;
    const same = JSON.stringify(found.profile) === JSON.stringify(profile);
    if (!same && again && vector !== null) return this.#search(search, false);
    if (key === null || profile === null) return found;
    const { generation, vectors } = found.scanned;
    const versionId = found.versionIds[0] ?? null;
    if (held === null || near === null) {
      if (same && versionId !== null && vectors !== null)
        this.#held.scanned(key, profile, { versionId, generation, vectors });
      return found;
    }
    if (same && held.state.versionId === versionId && held.state.generation === generation) {
      this.#held.served(key);
      return found;
    }
    // The version has changed since its vectors were fetched: the server must scan it.
    this.#held.outdated(key);
    return this.#search(search, again);
  }
}

/** Fuses both lists and keeps the rows and relatives of the best hits. */
function fuseFound(
  { profile: _, scanned: __, rows, relatives, ...lists }: Found,
  { fusion, context }: Pick<CandidateRequest, 'fusion' | 'context'>,
): Candidates {
  const { vector, fts, structural } = lists;
  const fused = fuse(vector, fts, new Set(structural), fusion).slice(0, fusion.limit);
  const kept = new Set(fused.map(({ chunkId }) => chunkId));
  if (context === undefined) return { ...lists, fused, rows: rows.filter(({ id }) => kept.has(id)) };
  const best = relatives.filter(({ chunk }) => kept.has(chunk.id));
  return { ...lists, fused, rows: best.map(({ chunk }) => chunk), relatives: best };
}

/** Returns true if a query can be answered with the remembered profile. */
function fits(
  { values, model }: NonNullable<CandidateRequest['vector']>,
  profile: EmbeddingProfile | null | undefined,
): boolean {
  return profile?.dimension === values?.length && (model == null || profile.model === model);
}

const STRUCTURAL_AMONG = `
  SELECT id
  FROM documents
  WHERE id IN (SELECT value FROM json_each(?1)) AND structural = 1
  ORDER BY id`;

/** Maximum number of nearest vectors that are sent to the server. */
const MAX_HELD_LIMIT = 2_000;

/** Returns the key of a search that can be answered from vectors in memory; null if the server must scan. */
function heldKey(
  { versions, filter, vector = null }: Search,
  profile: EmbeddingProfile | null,
): string | null {
  const [only] = versions;
  if (only === undefined || versions.length > 1 || filter !== null || vector === null || profile === null)
    return null;
  const isScan = vectorPart(vector, profile).list === profile.metric;
  return isScan && vector.limit <= MAX_HELD_LIMIT ? JSON.stringify(versionValues(only)) : null;
}

function toRequest(
  { versions, filter, vector = null, fts, fusion, context }: Search,
  profile: EmbeddingProfile | null,
  near: readonly VectorHit[] | null,
): { readonly statement: string; readonly parameters: readonly SqlValue[] } {
  const { content, title, url, path } = fts?.weights ?? defaultFtsWeights;
  const { list, parameters } = near === null ? vectorPart(vector, profile) : heldPart(near);
  const [only] = versions;
  const isOne = versions.length === 1 && only !== undefined;
  return {
    statement: searchStatementFor(list, {
      isMany: !isOne,
      isFiltered: filter !== null,
      hasContext: context !== undefined,
    }),
    parameters: [
      ...(isOne ? versionValues(only) : [JSON.stringify(versions.map(versionValues)), null, null]),
      ...parameters,
      fts?.expression ?? '""',
      fts?.limit ?? 0,
      content,
      title,
      url,
      path,
      fts?.excludeStructural === true ? 1 : 0,
      fusion?.rule === 'reciprocal-rank' ? 1 : 0,
      fusion?.vectorWeight ?? 1,
      fusion?.ftsWeight ?? 1,
      fusion?.limit ?? 0,
      ...(filter === null ? [] : filterValues(filter)),
      ...(context === undefined ? [] : relativeLimits(context)),
    ],
  };
}

function heldPart(near: readonly VectorHit[]): {
  readonly list: VectorList;
  readonly parameters: readonly SqlValue[];
} {
  const pairs = near.map(({ chunkId, distance }) => [chunkId, distance]);
  return { list: 'held', parameters: [JSON.stringify(pairs), null, null, null, null, null] };
}

function vectorPart(
  vector: CandidateRequest['vector'],
  profile: EmbeddingProfile | null,
): { readonly list: VectorList; readonly parameters: readonly SqlValue[] } {
  if (vector === null || vector.limit === 0 || profile === null) {
    return { list: 'none', parameters: [null, null, null, null, null, null] };
  }
  const { values, limit } = vector;
  const { metric, dimension } = profile;
  const bytes = dimension * Float32Array.BYTES_PER_ELEMENT;
  const cosine = metric === 'cosine';
  if (cosine && lengthOf(values) === 0) {
    return { list: 'firstById', parameters: [null, null, bytes, limit, null, null] };
  }
  const scaled = toBlob(cosine ? toUnitLength(values) : values);
  const { factor, summand } = float32Bound(profile);
  return { list: metric, parameters: [scaled, toBlob(values), bytes, limit, factor, summand] };
}
