import {
  ftsExpression,
  MAX_WORDS_AT_ONCE,
  matchInParts,
  type SqliteDriver,
  type SqlValue,
  toWords,
} from '@switchyard/sqlite-common';
import {
  type Capabilities,
  type EmbeddingProfile,
  isStorageError,
  type VersionRef,
} from '@switchyard/storage-core';
import {
  type CandidateRequest,
  type Candidates,
  checkFtsQuery,
  checkVectorQuery,
  defaultFtsWeights,
  type FtsHit,
  type FtsQuery,
  fuse,
  normalizeVersionRef,
  requireModel,
  requireSearchMode,
  type VectorHit,
  type VectorQuery,
} from '@switchyard/storage-core/backend';
import { BACKEND_NAME } from '../capabilities.js';
import { toBlob } from '../vectors/blob.js';
import { readProfile } from '../vectors/profile.js';
import { lengthOf, toUnitLength } from '../vectors/scale.js';
import { type Found, type FoundRow, readFound } from './search-results.js';
import { searchStatements } from './search-statements.js';

/** What one request asks for; parts that are absent give an empty list. */
interface Search {
  readonly version: VersionRef;
  readonly vector?: CandidateRequest['vector'] | undefined;
  readonly fts?: (Omit<FtsQuery, 'version' | 'terms'> & { readonly expression: string }) | undefined;
  readonly fusion?: CandidateRequest['fusion'] | undefined;
}

/**
 * The searches of a store on a server: each is one statement, so that it is one request and sees one state of the store.
 *
 * What the statement has to know of the store, its profile, is remembered from the last answer; every answer tells what
 * it was at that moment, and if it has changed, the request is made again.
 */
export class ServerSearch {
  readonly #driver: SqliteDriver;
  readonly #capabilities: Capabilities;
  /** Undefined before it was read. */
  #profile: EmbeddingProfile | null | undefined;

  constructor(driver: SqliteDriver, capabilities: Capabilities) {
    this.#driver = driver;
    this.#capabilities = capabilities;
  }

  /** What the store's vectors were when it was last looked at; null without profile. */
  get profile(): EmbeddingProfile | null {
    if (this.#profile === undefined) this.prepare();
    return this.#profile ?? null;
  }

  /** Reads ahead what the first search needs. */
  prepare(): void {
    this.#profile = readProfile(this.#driver);
  }

  /** See `VectorIndex.nearest`. */
  nearest({ version, vector: values, limit, mode, model }: VectorQuery): readonly VectorHit[] {
    return this.#search({ version, vector: { values, limit, mode, model } }).vector;
  }

  /** See `FtsIndex.match`. */
  match({ version, ...query }: FtsQuery): readonly FtsHit[] {
    checkFtsQuery({ ...query, version });
    const words = toWords(query.terms);
    const expression = ftsExpression(words);
    if (expression === null || query.limit === 0) return [];
    const find = (part: string, limit: number) =>
      this.#search({ version, fts: { ...query, limit, expression: part } }).fts;
    return words.length <= MAX_WORDS_AT_ONCE
      ? find(expression, query.limit)
      : matchInParts(words, query.limit, (part, limit) => [...find(part, limit)]);
  }

  /** See `StorageBackend.candidates`. */
  candidates({ version, vector, fts, fusion }: CandidateRequest): Candidates {
    checkFtsQuery({ ...fts, version });
    const terms = toWords(fts.terms);
    if (terms.length > MAX_WORDS_AT_ONCE) {
      // A pasted page: its words are looked for in parts, all of which have to see the same state.
      return this.#driver.readTransaction(() => this.#inParts({ version, vector, fts, fusion }));
    }
    const expression = fts.limit === 0 ? null : ftsExpression(terms);
    const found = this.#search({
      version,
      vector,
      fts: expression === null ? undefined : { ...fts, expression },
      fusion,
    });
    return { vector: found.vector, fts: found.fts, structural: found.structural, rows: found.rows };
  }

  #inParts({ version, vector, fts, fusion }: CandidateRequest): Candidates {
    const near = this.#search({ version, vector, fusion });
    const matches = this.match({ version, ...fts });
    // The best of both lists are known here only; which of them give structure is asked for as if they were the words.
    const structural = this.#structuralAmong([...near.vector, ...matches].map(({ chunkId }) => chunkId));
    const kept = new Set(
      fuse(near.vector, matches, new Set(structural), fusion)
        .slice(0, fusion.limit)
        .map(({ chunkId }) => chunkId),
    );
    return {
      vector: near.vector,
      fts: matches,
      structural,
      rows: near.rows.filter(({ id }) => kept.has(id)),
    };
  }

  #structuralAmong(ids: readonly number[]): number[] {
    return this.#driver
      .all<{ id: number }>(STRUCTURAL_AMONG, [JSON.stringify([...new Set(ids)])])
      .map(({ id }) => id);
  }

  #search(search: Search, again = true): Found {
    if (search.vector !== undefined) {
      requireSearchMode(BACKEND_NAME, this.#capabilities, search.vector.mode);
      const { values, limit } = search.vector;
      checkVectorQuery({ version: search.version, vector: values, limit }, undefined);
    }
    if (this.#profile === undefined) this.prepare();
    // What is remembered may be out of date, which is looked into before anything is refused for it.
    else if (search.vector !== undefined && !fits(search.vector, this.#profile)) this.prepare();
    const profile = this.#profile ?? null;
    if (search.vector !== undefined) {
      const { values, limit, model } = search.vector;
      requireModel(BACKEND_NAME, profile, model);
      checkVectorQuery({ version: search.version, vector: values, limit }, profile?.dimension);
    }
    const { statement, parameters } = toRequest(search, profile);
    let rows: FoundRow[];
    try {
      rows = this.#driver.all<FoundRow>(statement, parameters);
    } catch (error) {
      // The vectors may have been dropped or made meanwhile, with their table.
      if (!again || !isStorageError(error, 'STORAGE_INTERNAL')) throw error;
      this.#profile = undefined;
      return this.#search(search, false);
    }
    const found = readFound(rows, search.vector, profile);
    this.#profile = found.profile;
    const same = JSON.stringify(found.profile) === JSON.stringify(profile);
    return same || !again || search.vector === undefined ? found : this.#search(search, false);
  }
}

/** Whether a query can be answered by what is remembered of the store. */
function fits(
  { values, model }: CandidateRequest['vector'],
  profile: EmbeddingProfile | null | undefined,
): boolean {
  return profile?.dimension === values.length && (model == null || profile.model === model);
}

const STRUCTURAL_AMONG = `
  SELECT id
  FROM documents
  WHERE id IN (SELECT value FROM json_each(?1)) AND structural = 1
  ORDER BY id`;

type StatementName = keyof typeof searchStatements;

function toRequest(
  { version, vector, fts, fusion }: Search,
  profile: EmbeddingProfile | null,
): { readonly statement: string; readonly parameters: readonly SqlValue[] } {
  const ref = normalizeVersionRef(version);
  const names: readonly SqlValue[] =
    'versionId' in ref ? [ref.versionId, '', ''] : [null, ref.library, ref.version];
  const { content, title, url, path } = fts?.weights ?? defaultFtsWeights;
  const { name, parameters } = vectorPart(vector, profile);
  return {
    statement: searchStatements[name],
    parameters: [
      ...names,
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
    ],
  };
}

function vectorPart(
  vector: Search['vector'],
  profile: EmbeddingProfile | null,
): { readonly name: StatementName; readonly parameters: readonly SqlValue[] } {
  if (vector === undefined || vector.limit === 0 || profile === null) {
    return { name: 'none', parameters: [null, null, null, null, null, null] };
  }
  const { values, limit } = vector;
  const { metric, dimension } = profile;
  const bytes = dimension * Float32Array.BYTES_PER_ELEMENT;
  const cosine = metric === 'cosine';
  if (cosine && lengthOf(values) === 0) {
    return { name: 'firstById', parameters: [null, null, bytes, limit, null, null] };
  }
  const scaled = toBlob(cosine ? toUnitLength(values) : values);
  const [factor, summand] = errorBound(profile);
  return { name: metric, parameters: [scaled, toBlob(values), bytes, limit, factor, summand] };
}

/**
 * The largest float32 distance that a vector may show which is in truth no farther than one that shows d, as
 * d × factor + summand. For where it comes from see `upperBound` in vectors/exact-scan.ts.
 */
function errorBound({ metric, dimension }: EmbeddingProfile): readonly [factor: number, summand: number] {
  const u = 2 ** -24;
  return metric === 'cosine'
    ? [1, 2 * (2 * dimension + 8) * u]
    : [1 + 2 * (dimension / 2 + 4) * u * 1.01, 1e-18 * Math.sqrt(dimension)];
}
