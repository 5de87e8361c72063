import { digestStore, type StoreDigest } from '@switchyard/storage-core';
import { rankingOf } from '@switchyard/storage-core/backend';
import { DEFAULT_PERSISTENCE } from '../measures/rank-biased-overlap.js';
import type {
  Answer,
  ComparedQuery,
  ComparedStore,
  CompareQuery,
  Comparison,
  ComparisonSettings,
  StoreResult,
} from '../types.js';
import { checkComparison } from './check-comparison.js';
import { ChunkTable } from './chunk-table.js';
import { describeEnvironment } from './environment.js';
import { ExactNeighbors, type Truth } from './exact-neighbors.js';
import { explain } from './near-ties.js';
import { pairAnswers } from './pair-answers.js';
import { readRawLists } from './raw-lists.js';
import { measureRecall, summarizeRecall } from './recall.js';
import { summarizeLatency, summarizePair } from './summarize.js';
import { searchInterleaved } from './timed-searches.js';

/** Progress of a comparison. */
export interface CompareProgress {
  /** `reading`: chunks of all stores; `searching`: searches of all stores. */
  readonly phase: 'reading' | 'searching';
  readonly done: number;
  readonly total: number;
}

/** Options of {@link compareStores}. */
export interface CompareOptions {
  /** Times that each query is asked. Default 3. */
  readonly repeat?: number | undefined;
  /** Queries asked before anything is measured. Default 10. */
  readonly warmUp?: number | undefined;
  /** Default 1. */
  readonly seed?: number | undefined;
  /** Relative difference of distances and scores that rounding explains. Default 1e-6, some eight float32 steps. */
  readonly tieTolerance?: number | undefined;
  /** Of rank-biased overlap. Default 0.9. */
  readonly persistence?: number | undefined;
  /** Resamples of the bootstrap. Default 1,000. */
  readonly resamples?: number | undefined;
  /** Reads every store once, for its digest and for recall against exact distances. Default true. */
  readonly readStores?: boolean | undefined;
  /** Source of the queries, shown in the result. */
  readonly source?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: CompareProgress) => void) | undefined;
}

/**
 * Asks several stores the same queries and compares their answers, latency, sizes and counts. The first store is the
 * reference. A search that fails is part of the result; what the stores throw when they are read is thrown.
 *
 * @throws TypeError that names the invalid option.
 */
export async function compareStores(
  stores: readonly ComparedStore[],
  queries: readonly CompareQuery[],
  options: CompareOptions = {},
): Promise<Comparison> {
  checkComparison(stores, queries, options);
  return new Run(stores, queries, options).run();
}

class Run {
  readonly #stores: readonly ComparedStore[];
  readonly #queries: readonly CompareQuery[];
  readonly #options: CompareOptions;
  readonly #settings: ComparisonSettings;

  constructor(stores: readonly ComparedStore[], queries: readonly CompareQuery[], options: CompareOptions) {
    this.#stores = stores;
    this.#queries = queries;
    this.#options = options;
    this.#settings = {
      seed: options.seed ?? 1,
      repeat: options.repeat ?? 3,
      warmUp: Math.min(options.warmUp ?? 10, queries.length),
      tieTolerance: options.tieTolerance ?? 1e-6,
      persistence: options.persistence ?? DEFAULT_PERSISTENCE,
      resamples: options.resamples ?? 1_000,
      source: options.source ?? 'queries of the caller',
    };
  }

  async run(): Promise<Comparison> {
    const createdAt = new Date().toISOString();
    const environment = await describeEnvironment();
    const { digests, truths } = await this.#read();
    const { queries, chunks } = await this.#search(truths);
    const names = this.#stores.map(({ name }) => name);
    const reference = names[0] as string;
    return {
      format: 'switchyard-comparison',
      formatVersion: 1,
      createdAt,
      environment,
      settings: this.#settings,
      stores: await Promise.all(
        this.#stores.map((store, index) => this.#describe(store, index, queries, digests[index] ?? null)),
      ),
      pairs: names
        .slice(1)
        .map((store, pair) => summarizePair(queries, pair, { store, reference }, this.#settings)),
      queries,
      chunks,
    };
  }

  /** One pass over each store: digests of all, and the exact neighbors in the first. */
  async #read(): Promise<{ digests: readonly StoreDigest[]; truths: ReadonlyMap<number, Truth> }> {
    if (this.#options.readStores === false) return { digests: [], truths: new Map() };
    const { signal, onProgress } = this.#options;
    const neighbors = this.#neighbors();
    const totals = await Promise.all(this.#stores.map(({ store }) => store.backend.inspect({ signal })));
    const total = totals.reduce((sum, { counts }) => sum + counts.chunks, 0);
    let done = 0;
    const digests: StoreDigest[] = [];
    for (const [index, { store }] of this.#stores.entries()) {
      const digest = await digestStore(store.backend, {
        signal,
        onPage: (page, version) => {
          if (index === 0) neighbors?.add(page, version);
          done += page.chunks.length;
          onProgress?.({ phase: 'reading', done, total: Math.max(total, done) });
        },
      });
      digests.push(digest);
    }
    return { digests, truths: neighbors?.truths() ?? new Map() };
  }

  /** Null when the first store has no vectors. */
  #neighbors(): ExactNeighbors | null {
    const profile = this.#stores[0]?.store.profile ?? null;
    if (profile === null) return null;
    const neighbors = new ExactNeighbors(profile, this.#settings.tieTolerance);
    for (const [index, { library, version, limit, vectors }] of this.#queries.entries()) {
      const vector = vectors[0] ?? null;
      if (vector === null || limit === 0 || vector.length > profile.dimension) continue;
      neighbors.ask(index, { library, version }, vector, limit);
    }
    return neighbors;
  }

  async #search(
    truths: ReadonlyMap<number, Truth>,
  ): Promise<{ queries: ComparedQuery[]; chunks: Comparison['chunks'] }> {
    const { signal, onProgress } = this.#options;
    const { repeat, warmUp } = this.#settings;
    const total = this.#queries.length * repeat * this.#stores.length;
    let done = 0;
    const onStep = (searches: number) => {
      done += searches;
      onProgress?.({ phase: 'searching', done, total });
    };
    const timed = await searchInterleaved(this.#stores, this.#queries, { repeat, warmUp, signal, onStep });
    const recalls: (number | null)[][] = [];
    for (const [index, store] of this.#stores.entries()) {
      recalls.push(await measureRecall(store, index, this.#queries, truths, signal));
    }
    const table = new ChunkTable();
    const queries: ComparedQuery[] = [];
    for (const [at, query] of this.#queries.entries()) {
      const answers = (timed[at] ?? []).map(
        ({ hits, error, milliseconds }, index): Answer => ({
          hits: error === null ? table.add(hits) : [],
          error,
          milliseconds,
          recall: recalls[index]?.[at] ?? null,
        }),
      );
      const { library, version, text, limit, intent = null } = query;
      queries.push({
        library,
        version,
        text,
        limit,
        intent,
        answers,
        pairs: await this.#pair(query, answers),
      });
    }
    return { queries, chunks: table.chunks };
  }

  async #pair(query: CompareQuery, answers: readonly Answer[]): Promise<ComparedQuery['pairs']> {
    const { tieTolerance: tolerance, persistence } = this.#settings;
    const { limit } = query;
    const pairs: ComparedQuery['pairs'][number][] = [];
    for (let index = 1; index < answers.length; index++) {
      const explained = async (which: number) => ({
        hits: (answers[which] as Answer).hits,
        lists: await readRawLists(
          this.#stores[which] as ComparedStore,
          query,
          query.vectors[which] ?? null,
          this.#options.signal,
        ),
      });
      const reason = async () => explain(await explained(0), await explained(index), limit, tolerance);
      const settings = { limit, tolerance, persistence, explain: reason };
      pairs.push(await pairAnswers(answers[0] as Answer, answers[index] as Answer, settings));
    }
    return pairs;
  }

  /** The versions of a store that was not read. */
  async #versions({ backend }: ComparedStore['store']): Promise<StoreResult['versions']> {
    const overview = await backend.catalog.overview({ signal: this.#options.signal });
    return overview.map(({ version: { library, name }, chunks, urls }) => ({
      library,
      version: name,
      pages: urls,
      chunks,
      vectors: null,
      digest: null,
    }));
  }

  async #describe(
    { name, location, store, mode = 'exact' }: ComparedStore,
    index: number,
    queries: readonly ComparedQuery[],
    digest: StoreDigest | null,
  ): Promise<StoreResult> {
    const { backend, engine, schemaLevel, counts, bytes, profile } = await store.backend.inspect({
      signal: this.#options.signal,
    });
    const answers = queries.map((query) => query.answers[index] as Answer);
    return {
      name,
      location,
      backend,
      engine: `${engine.name} ${engine.version}`,
      schemaLevel,
      mode,
      ranking: rankingOf(store.backend.capabilities),
      profile,
      counts,
      bytes,
      digest: digest?.digest ?? null,
      versions: digest?.versions ?? (await this.#versions(store)),
      errors: answers.filter(({ error }) => error !== null).length,
      latency: summarizeLatency(answers, this.#settings),
      recall: summarizeRecall(answers.map(({ recall }) => recall)),
    };
  }
}
