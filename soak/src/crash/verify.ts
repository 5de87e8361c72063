import type { StorageBackend } from '@switchyard/storage-core';
import { type ChunkSnapshot, distance, type PageSnapshot } from '@switchyard/storage-core/backend';
import { type GeneratedPage, makePage } from '../content/pages.js';
import type { Random } from '../harness/random.js';
import { type Ledger, nameOf, versionOf } from './ledger.js';

const SEARCHES_PER_VERSION = 3;
const LIMIT = 8;

/** Findings in a store. */
export interface Verdict {
  /** Index of the allowed state that the store is in; null if it is in none. */
  readonly state: number | null;
  readonly faults: readonly string[];
  /** Number of compared values: pages, chunks, vectors and searches. */
  readonly compared: number;
}

/** Compares a store with its allowed states, and its indexes with its content. */
export async function verifyStore(
  backend: StorageBackend,
  states: readonly Ledger[],
  dimension: number,
  random: Random,
): Promise<Verdict> {
  const catalog = await readCatalog(backend);
  const differences = states.map((state) => compareCatalog(catalog, state));
  const state = differences.indexOf(null);
  if (state < 0) return { state: null, faults: [differences[0] as string], compared: 0 };
  const check = new ContentCheck(backend, dimension, random);
  for (const [name, { pages }] of Object.entries(states[state] as Ledger)) await check.version(name, pages);
  await check.indexes();
  return { state, faults: check.faults, compared: check.compared };
}

type CatalogState = Map<string, { status: string; pages: Map<string, string | null> }>;

async function readCatalog(backend: StorageBackend): Promise<CatalogState> {
  const state: CatalogState = new Map();
  for (const { version } of await backend.catalog.overview()) {
    const pages = await backend.catalog.pages({ versionId: version.id });
    const { library, name } = version;
    state.set(nameOf({ library, version: name }), {
      status: version.status,
      pages: new Map(pages.map(({ url, etag }) => [url, etag])),
    });
  }
  return state;
}

/** Returns the first difference; null if there is none. */
function compareCatalog(catalog: CatalogState, ledger: Ledger): string | null {
  for (const name of new Set([...catalog.keys(), ...Object.keys(ledger)])) {
    const [found, wanted] = [catalog.get(name), ledger[name]];
    if (found === undefined)
      return `version ${name} is gone with ${Object.keys(wanted?.pages ?? {}).length} pages`;
    if (wanted === undefined)
      return `version ${name} is there and should not be, with ${found.pages.size} pages`;
    if (found.status !== wanted.status)
      return `version ${name} is ${found.status} and should be ${wanted.status}`;
    for (const url of new Set([...found.pages.keys(), ...Object.keys(wanted.pages)])) {
      const [key, want] = [found.pages.get(url), wanted.pages[url]];
      if (key !== want)
        return `page ${url} of ${name} is ${key ?? 'absent'} and should be ${want ?? 'absent'}`;
    }
  }
  return null;
}

class ContentCheck {
  readonly faults: string[] = [];
  compared = 0;
  #chunks = 0;

  constructor(
    readonly backend: StorageBackend,
    readonly dimension: number,
    readonly random: Random,
  ) {}

  async version(name: string, pages: Readonly<Record<string, string>>): Promise<void> {
    const version = versionOf(name);
    const generated = new Map(
      Object.entries(pages).map(([url, key]) => [url, makePage(key, url, this.dimension)]),
    );
    const ids = new Map<number, Float32Array>();
    const words = new Map<string, number>();
    for (const { page, chunks } of await this.#snapshot(version)) {
      const wanted = generated.get(page.url);
      if (wanted === undefined) continue;
      this.#page(wanted, chunks);
      for (const [index, { id }] of chunks.entries()) {
        const chunk = wanted.chunks[index];
        if (chunk === undefined) continue;
        ids.set(id, chunk.vector);
        words.set(chunk.word, id);
      }
    }
    await this.#searches(name, ids, words);
  }

  async #snapshot(version: { library: string; version: string }): Promise<PageSnapshot[]> {
    const all: PageSnapshot[] = [];
    for (;;) {
      const pages = await this.backend.catalog.snapshot({
        version,
        after: all.at(-1)?.page.id ?? 0,
        limit: 100,
      });
      if (pages.length === 0) return all;
      all.push(...pages);
    }
  }

  #page({ url, chunks: wanted }: GeneratedPage, found: readonly ChunkSnapshot[]): void {
    this.compared += 1 + 2 * wanted.length;
    this.#chunks += found.length;
    if (found.length !== wanted.length) {
      this.faults.push(`page ${url} has ${found.length} chunks of ${wanted.length}`);
      return;
    }
    for (const [index, chunk] of found.entries()) {
      const want = wanted[index] as GeneratedPage['chunks'][number];
      if (chunk.content !== want.content) this.faults.push(`chunk ${index} of ${url} has another text`);
      if (chunk.sortOrder !== index)
        this.faults.push(`chunk ${index} of ${url} stands at ${chunk.sortOrder}`);
      if (JSON.stringify(chunk.metadata) !== JSON.stringify(want.metadata)) {
        this.faults.push(`chunk ${index} of ${url} has other metadata`);
      }
      if (chunk.vector === null || chunk.vector.some((value, i) => value !== want.vector[i])) {
        this.faults.push(`chunk ${index} of ${url} has another vector`);
      }
    }
  }

  async #searches(
    name: string,
    ids: ReadonlyMap<number, Float32Array>,
    words: ReadonlyMap<string, number>,
  ): Promise<void> {
    const version = versionOf(name);
    const all = [...words];
    for (let i = 0; i < Math.min(SEARCHES_PER_VERSION, all.length); i++) {
      const [word, id] = this.random.pick(all);
      const hits = await this.backend.fts.match({ version, terms: [word], limit: LIMIT });
      if (hits.length !== 1 || hits[0]?.chunkId !== id) {
        this.faults.push(
          `the word ${word} of ${name} finds ${JSON.stringify(hits.map(({ chunkId }) => chunkId))}, not ${id}`,
        );
      }
      const vector = Float32Array.from({ length: this.dimension }, () => this.random.float() * 2 - 1);
      const near = await this.backend.vectors.nearest({ version, vector, limit: LIMIT });
      const wanted = nearestOf(ids, vector);
      if (JSON.stringify(near.map(({ chunkId }) => chunkId)) !== JSON.stringify(wanted)) {
        this.faults.push(`the nearest of ${name} are ${near.map(({ chunkId }) => chunkId)}, not ${wanted}`);
      }
      this.compared += 2;
    }
  }

  /** Checks that the indexes contain exactly the content of the pages. */
  async indexes(): Promise<void> {
    const { indexed, without, unusable } = await this.backend.vectors.stats();
    if (indexed !== this.#chunks || without + unusable > 0) {
      this.faults.push(
        `${indexed} vectors of ${this.#chunks} chunks, ${without} without, ${unusable} unusable`,
      );
    }
    for (const [name, audit] of [
      ['full text', await this.backend.fts.audit()],
      ['vectors', await this.backend.vectors.audit()],
    ] as const) {
      const [first] = audit.problems;
      if (first !== undefined) {
        this.faults.push(
          `audit of ${name}: ${audit.problems.length} problems, ${first.kind} ${first.chunkId}: ${first.detail}`,
        );
      }
    }
  }
}

function nearestOf(ids: ReadonlyMap<number, Float32Array>, query: Float32Array): number[] {
  return [...ids]
    .map(([id, vector]) => ({ id, distance: distance('l2', query, vector) }))
    .sort((a, b) => a.distance - b.distance || a.id - b.id)
    .slice(0, LIMIT)
    .map(({ id }) => id);
}
