import type {
  BackendReport,
  CallOptions,
  Capabilities,
  Mutation,
  MutationResult,
} from '@switchyard/storage-core';
import {
  BackendBase,
  type CallRunner,
  type CandidateRequest,
  type Candidates,
  type Catalog,
  type ChangeLog,
  checkCandidateRequest,
  checkMutations,
  countRows,
  type FtsIndex,
  fuse,
  isLoggedWrite,
  isStructural,
  loggedWrite,
  type Migrator,
  mergeFtsHits,
  mergeVectorHits,
  type ResultsOf,
  rankingOf,
  relativesIn,
  requireCapability,
  requireFilters,
  requireModel,
  requireSearchMode,
  singleLevelMigrator,
  unawareWrite,
  type VectorIndex,
  type VectorStaging,
  wellFormed,
} from '@switchyard/storage-core/backend';
import { applyMutation } from './apply.js';
import { memoryCatalog } from './catalog.js';
import { memoryChangeLog } from './change-log.js';
import { match, memoryFts } from './fts-index.js';
import { MemoryLogRecords } from './log-records.js';
import { findVersion, toChunkRecord } from './lookup.js';
import { memoryStaging } from './staging.js';
import { createMemoryState, type MemoryState, type StoredChunk, Tables } from './tables.js';
import { memoryVectors, nearest } from './vector-index.js';

/** Options of a {@link MemoryBackend}. */
export interface MemoryBackendOptions {
  /**
   * State of the store. Backends that share one see each other's writes, which outlive the backends. Default: a private
   * state that is emptied on close.
   */
  readonly state?: MemoryState | undefined;
  /**
   * Overrides of the declared capabilities; calls that need an undeclared one are rejected. With `ranking: 'own'`, it ranks
   * full text in another way than FTS5.
   */
  readonly capabilities?: Partial<Capabilities> | undefined;
}

const LEVEL = 1;

/**
 * Implements the whole contract in memory, as plainly as possible. Other backends are compared with it, and tests use
 * it when they need a store but no database. Search time is proportional to the size of the store.
 */
export class MemoryBackend extends BackendBase {
  readonly contractVersion = 1;
  readonly name = 'memory';
  readonly capabilities: Capabilities;
  readonly migrator: Migrator;
  readonly catalog: Catalog;
  readonly vectors: VectorIndex;
  readonly fts: FtsIndex;
  readonly staging: VectorStaging;
  readonly changeLog: ChangeLog | undefined;
  readonly #state: MemoryState;
  readonly #isShared: boolean;

  constructor({ state, capabilities }: MemoryBackendOptions = {}) {
    super();
    this.#isShared = state !== undefined;
    this.#state = state ?? createMemoryState();
    const { vectors = true, fts = true } = capabilities ?? {};
    this.capabilities = {
      metrics: ['l2', 'cosine'],
      searchModes: ['exact'],
      maxDimension: 65_536,
      persistent: this.#isShared,
      multiProcess: false,
      assignedIds: true,
      candidates: vectors && fts,
      filters: true,
      bulkDeletion: true,
      vectorMaintenance: vectors,
      ftsMaintenance: fts,
      optimize: false,
      reembedding: vectors,
      changeLog: true,
      ...capabilities,
    };
    const run: CallRunner = (options, work) => this.run(options, work);
    this.catalog = memoryCatalog(this.#state, run);
    this.vectors = memoryVectors(this.name, this.capabilities, this.#state, run);
    this.fts = memoryFts(this.name, this.capabilities, this.#state, run);
    this.staging = memoryStaging(this.name, this.capabilities, this.#state, run);
    this.changeLog = this.capabilities.changeLog === true ? memoryChangeLog(this.#state, run) : undefined;
    this.migrator = singleLevelMigrator(run, LEVEL);
  }

  protected override async doOpen(): Promise<void> {
    if (!this.#isShared) this.#state.tables = new Tables();
  }

  protected override async doClose(): Promise<void> {
    if (!this.#isShared) this.#state.tables = new Tables();
  }

  /** Works on a copy of the tables, which replaces them once every mutation has succeeded. */
  override apply<const M extends readonly Mutation[]>(
    mutations: M,
    options?: CallOptions,
  ): Promise<ResultsOf<M>> {
    return this.run(options, () => {
      const tables = new Tables(this.#state.tables);
      checkMutations(this.name, this.capabilities, tables.profile, mutations, options);
      const work = () => wellFormed(mutations).map((mutation) => applyMutation(tables, mutation));
      const results = this.#applyLogged(tables, mutations, options, work);
      this.#state.tables = tables;
      return results as unknown as ResultsOf<M>;
    });
  }

  /** Applies a write with what a rollout needs to know of it. */
  #applyLogged(
    tables: Tables,
    mutations: readonly Mutation[],
    options: CallOptions | undefined,
    work: () => MutationResult[],
  ): readonly MutationResult[] {
    const isLogged = options !== undefined && isLoggedWrite(options);
    if (!isLogged && tables.log === null) return work();
    const records = new MemoryLogRecords(tables);
    return isLogged ? loggedWrite(records, options, mutations, work) : unawareWrite(records, this.name, work);
  }

  candidates(request: CandidateRequest, options?: CallOptions): Promise<Candidates> {
    return this.run(options, () => {
      requireCapability(this.name, this.capabilities, 'candidates');
      const { versions, filter, vector: asked, fts, fusion, context } = request;
      requireFilters(this.name, this.capabilities, filter);
      const { tables } = this.#state;
      if (asked !== null) {
        requireSearchMode(this.name, this.capabilities, asked.mode);
        requireModel(this.name, tables.profile, asked.model);
      }
      checkCandidateRequest(request, tables.profile?.dimension);
      const versionIds = versions.map((version) => findVersion(tables, version)?.id ?? null);
      const distinct = [...new Set(versionIds)].flatMap((versionId) =>
        versionId === null ? [] : { versionId },
      );
      const vector = mergeVectorHits(
        distinct.map((version) =>
          asked === null ? [] : nearest(tables, { version, filter, ...asked, vector: asked.values }),
        ),
        asked?.limit ?? 0,
      );
      const ftsHits = mergeFtsHits(
        distinct.map((version) => match(tables, { version, filter, ...fts }, rankingOf(this.capabilities))),
        fts.limit,
      );
      const ids = [...new Set([...vector, ...ftsHits].map((hit) => hit.chunkId))];
      const chunks = ids.map((id) => tables.chunks.get(id) as StoredChunk);
      const structural = chunks.filter((chunk) => isStructural(chunk.metadata)).map((chunk) => chunk.id);
      const fused = fuse(vector, ftsHits, new Set(structural), fusion).slice(0, fusion.limit);
      const rows = chunks.map((chunk) => toChunkRecord(tables, chunk));
      const candidates = { versionIds, vector, fts: ftsHits, structural, fused, rows };
      if (context === undefined) return candidates;
      const chunkIds = fused.map(({ chunkId }) => chunkId);
      const relatives = relativesIn(tables, { ...context, chunkIds }).filter((one) => one !== null);
      return { ...candidates, relatives };
    });
  }

  override inspect(options?: CallOptions): Promise<BackendReport> {
    return this.run(options, () => {
      const { tables } = this.#state;
      return {
        backend: this.name,
        location: ':memory:',
        engine: { name: 'JavaScript', version: process.version },
        schemaLevel: LEVEL,
        counts: countRows(tables),
        profile: tables.profile,
        bytes: {},
        capabilities: this.capabilities,
      };
    });
  }
}
