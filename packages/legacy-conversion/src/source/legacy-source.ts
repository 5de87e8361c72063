import {
  collectYoungGarbage,
  fromBlob,
  isFiniteVector,
  releaseClosedConnections,
} from '@switchyard/backend-libsql/bulk';
import { findVersionId, match, SqlCatalog, type SqliteDriver } from '@switchyard/sqlite-common';
import {
  type BackendReport,
  type CallOptions,
  type Capabilities,
  type ChunkId,
  type EmbeddingProfile,
  type Mutation,
  type PageId,
  StorageError,
  type VersionRef,
} from '@switchyard/storage-core';
import {
  BackendBase,
  type CallRunner,
  type Catalog,
  checkFtsQuery,
  checkVectorQuery,
  type FtsHit,
  type FtsIndex,
  lastKey,
  type Migrator,
  type ResultsOf,
  requireFilters,
  requireModel,
  type StoreMaintenance,
  type VectorHit,
  type VectorIndex,
  type VectorQuery,
  type VectorStats,
} from '@switchyard/storage-core/backend';
import { hasIndexOf } from '../vectors/faults.js';
import { IndexReader, partsOfVersion, readIndexChunk } from '../vectors/index-table.js';
import { readEmbedding } from '../vectors/read-embedding.js';
import { isOwn } from '../vectors/scan.js';
import { attachLegacy, readLevel } from './file.js';
import { sourceMaintenance } from './maintenance.js';
import { type Neighbor, SharedScan } from './nearest.js';
import { readLegacyProfile } from './profile.js';
import * as sql from './statements.js';
import { vectorStats } from './stats.js';

/** Options of a {@link LegacySource}. */
export interface LegacySourceOptions {
  readonly path: string;
  /**
   * True if the vector index is known to equal the stored embeddings. Vectors are then read from the index, otherwise
   * from the embeddings, which is slower. Default false.
   */
  readonly indexIsSound?: boolean | undefined;
  /**
   * True if snapshots include the creation time of chunks. Its column follows the embedding, which must be read for it.
   * Default true.
   */
  readonly chunkTimes?: boolean | undefined;
}

/** A chunk, and the library and version under which the index must have its vector. */
interface Owner {
  readonly id: ChunkId;
  readonly version_id: number;
  readonly library_id: number;
}

/** Unsupported features are not declared. */
const capabilities: Capabilities = {
  metrics: ['l2'],
  searchModes: ['exact'],
  maxDimension: 65_536,
  persistent: true,
  multiProcess: true,
  assignedIds: false,
  candidates: false,
  filters: false,
  vectorMaintenance: false,
  ftsMaintenance: false,
  optimize: false,
  reembedding: false,
};

/**
 * Implements `LegacySource`. Opens the legacy store in this process, so it must run in a dedicated process.
 *
 * A legacy store of any convertible level behind the ports, read-only: SQLite itself refuses to write the file. The
 * vector of a chunk is its stored embedding, or else the one that the index has under its own version.
 */
export class InlineLegacySource extends BackendBase {
  readonly contractVersion = 1;
  readonly name = 'legacy-source';
  readonly capabilities = capabilities;
  readonly migrator: Migrator;
  readonly catalog: Catalog;
  readonly vectors: VectorIndex;
  readonly fts: FtsIndex;
  readonly maintenance: StoreMaintenance;
  readonly #options: LegacySourceOptions;
  #driver: SqliteDriver | null = null;
  #profile: EmbeddingProfile | null | undefined;
  #index: IndexReader | undefined;
  #scan: SharedScan | undefined;

  constructor(options: LegacySourceOptions) {
    super();
    this.#options = options;
    const driver = () => this.#connection();
    const run: CallRunner = (callOptions, work) => this.run(callOptions, work);
    this.catalog = new SqlCatalog({
      run,
      driver,
      vectorsOfPages: (ids) => this.#vectorsOfPages(ids),
      chunkTimes: options.chunkTimes,
    });
    const refused = (what: string) => () => Promise.reject(readOnly(what));
    this.migrator = {
      status: (o) => run(o, () => ({ state: 'current', level: this.#level(), latest: this.#level() })),
      plan: (o) => run(o, () => ({ from: this.#level(), to: this.#level(), steps: [] })),
      migrate: refused('migrate'),
    };
    this.vectors = {
      profile: (o) => run(o, () => this.#readProfile()),
      nearest: (query, o) => run(o, () => this.#nearest(query)),
      hasAny: ({ versions }, o) => run(o, () => versions.some((version) => this.#hasVector(version))),
      stats: (o) => run(o, () => this.#stats()),
      reconcile: refused('vectors.reconcile'),
      rebuild: refused('vectors.rebuild'),
      audit: refused('vectors.audit'),
    };
    this.maintenance = sourceMaintenance(this.name, run, driver, refused);
    this.fts = {
      match: (query, o) => run(o, () => this.#match(query)),
      rebuild: refused('fts.rebuild'),
      audit: refused('fts.audit'),
    };
  }

  apply<const M extends readonly Mutation[]>(): Promise<ResultsOf<M>> {
    return Promise.reject(readOnly('apply'));
  }

  inspect(options?: CallOptions): Promise<BackendReport> {
    return this.run(options, () => {
      const driver = this.#connection();
      const counts = driver.first<Record<'libraries' | 'versions' | 'pages' | 'chunks', number>>(sql.COUNTS);
      const engine = driver.first<{ sqlite: string }>(sql.ENGINE);
      if (counts === undefined || engine === undefined)
        throw new TypeError('A SELECT of counts gave no row.');
      return {
        backend: this.name,
        location: this.#options.path,
        engine: { name: 'libSQL, reading only', version: `SQLite ${engine.sqlite}` },
        schemaLevel: this.#level(),
        counts: { ...counts, vectors: this.#stats().indexed },
        profile: this.#readProfile(),
        bytes: {},
        capabilities,
      };
    });
  }

  protected async doOpen(): Promise<void> {
    const driver = await attachLegacy(this.#options.path, null);
    try {
      const level = readLevel(driver);
      if (level < 12) driver.exec(level < 10 ? sql.PAGES_OF_OLDEST_LEVEL : sql.PAGES_OF_OLDER_LEVELS);
      this.#driver = driver;
    } catch (error) {
      driver.close();
      throw error;
    }
  }

  protected async doClose(): Promise<void> {
    if (this.#driver === null) return;
    this.#driver.close();
    this.#driver = null;
    this.#profile = undefined;
    this.#index = undefined;
    this.#scan = undefined;
    await releaseClosedConnections();
  }

  #connection(): SqliteDriver {
    if (this.#driver === null)
      throw new TypeError('The connection is only available while the backend is open.');
    return this.#driver;
  }

  #level(): number {
    return readLevel(this.#connection());
  }

  #readProfile(): EmbeddingProfile | null {
    if (this.#profile === undefined) this.#profile = readLegacyProfile(this.#connection());
    return this.#profile;
  }

  #vectorsOfPages(pageIds: readonly PageId[]): ReadonlyMap<ChunkId, Float32Array> {
    const found = new Map<ChunkId, Float32Array>();
    const profile = this.#readProfile();
    if (profile === null) return found;
    if (this.#options.indexIsSound === true) {
      this.#index ??= new IndexReader(this.#connection(), profile.dimension);
      const ids = this.#connection().all<{ id: number }>(sql.CHUNKS_OF_PAGES, [JSON.stringify(pageIds)]);
      for (const { id } of ids) {
        const bytes = this.#index.vector(id);
        const vector = bytes === null ? null : fromBlob(bytes, profile.dimension);
        if (vector !== null) found.set(id, vector);
      }
      return found;
    }
    const rows = this.#connection().all<sql.EmbeddingRow>(sql.EMBEDDINGS_OF_PAGES, [JSON.stringify(pageIds)]);
    const scratch = new Float32Array(profile.dimension);
    for (const { id, is_text, embedding } of rows) {
      const { vector } = readEmbedding(embedding, is_text === 1, scratch);
      if (vector !== null) found.set(id, vector.slice());
    }
    if (!hasIndexOf(this.#connection(), profile.dimension)) return found;
    const owners = this.#connection().all<Owner>(sql.OWNERS_OF_PAGES, [JSON.stringify(pageIds)]);
    for (const { id, vector } of this.#indexOnly(owners, profile.dimension)) found.set(id, vector.slice());
    return found;
  }

  #hasVector(version: VersionRef): boolean {
    const profile = this.#readProfile();
    const versionId = findVersionId(this.#connection(), version);
    if (profile === null || versionId === null) return false;
    return this.#besideTexts(versionId, profile.dimension).next().done !== true;
  }

  async #nearest(query: VectorQuery): Promise<VectorHit[]> {
    const profile = this.#readProfile();
    requireFilters(this.name, capabilities, query.filter);
    requireModel(this.name, profile, query.model);
    checkVectorQuery(query, profile?.dimension);
    const versionId = findVersionId(this.#connection(), query.version);
    if (profile === null || versionId === null || query.limit === 0) return [];
    this.#scan ??= new SharedScan((id) =>
      this.#options.indexIsSound === true
        ? this.#indexed(id, profile.dimension)
        : this.#besideTexts(id, profile.dimension),
    );
    return this.#scan.nearest(versionId, query.vector, query.limit);
  }

  *#indexed(versionId: number, dimension: number): Generator<Neighbor> {
    const driver = this.#connection();
    collectYoungGarbage(); // memory of other versions
    const ids = new Set(driver.all<{ id: number }>(sql.CHUNKS_OF_VERSION, [versionId]).map(({ id }) => id));
    for (const chunkId of partsOfVersion(driver, versionId)) {
      for (const [id, bytes] of readIndexChunk(driver, chunkId - 1, dimension)?.vectors ?? []) {
        const vector = ids.has(id) ? fromBlob(bytes, dimension) : null;
        if (vector !== null) yield { id, vector };
      }
      collectYoungGarbage(); // memory of this part: some megabytes
    }
  }

  *#besideTexts(versionId: number, dimension: number): Generator<Neighbor> {
    const driver = this.#connection();
    const scratch = new Float32Array(dimension);
    for (let after = Number.MIN_SAFE_INTEGER; ; ) {
      const rows = driver.all<sql.EmbeddingRow>(sql.EMBEDDINGS_OF_VERSION, [versionId, after]);
      for (const { id, is_text, embedding } of rows) {
        const { vector } = readEmbedding(embedding, is_text === 1, scratch);
        if (vector !== null) yield { id, vector };
      }
      const last = lastKey(
        rows.map(({ id }) => id),
        after,
        'chunks',
      );
      if (last === null) break;
      after = last;
    }
    if (!hasIndexOf(driver, dimension)) return;
    yield* this.#indexOnly(driver.all<Owner>(sql.OWNERS_OF_VERSION, [versionId]), dimension);
  }

  /** Returns the vectors of chunks that have them only in the index, under their own version. */
  *#indexOnly(chunks: readonly Owner[], dimension: number): Generator<Neighbor> {
    if (chunks.length === 0) return;
    this.#index ??= new IndexReader(this.#connection(), dimension);
    for (const chunk of chunks) {
      if (!isOwn(this.#index.owner(chunk.id), chunk)) continue;
      const bytes = this.#index.vector(chunk.id);
      const vector = bytes === null ? null : fromBlob(bytes, dimension);
      if (vector !== null && isFiniteVector(vector)) yield { id: chunk.id, vector };
    }
  }

  #stats(): VectorStats {
    const driver = this.#connection();
    const profile = this.#readProfile();
    return vectorStats(driver, profile);
  }

  #match(query: Parameters<FtsIndex['match']>[0]): FtsHit[] {
    requireFilters(this.name, capabilities, query.filter);
    checkFtsQuery(query);
    const driver = this.#connection();
    const versionId = findVersionId(driver, query.version);
    return versionId === null ? [] : match(driver, sql.matchStatements, versionId, query);
  }
}

function readOnly(what: string): StorageError {
  return new StorageError(
    'STORAGE_NOT_SUPPORTED',
    `A legacy store that is opened as a source is never written: ${what}() is not available.`,
    { backend: 'legacy-source', outcome: 'not-applied' },
  );
}
