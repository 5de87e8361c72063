import type { ChunkId, EmbeddingProfile } from '@switchyard/storage-core';
import type { VectorHit } from '@switchyard/storage-core/backend';
import Database from 'libsql';
import { expect } from 'vitest';
import { LibsqlDriver } from '../../src/driver/libsql-driver.js';
import { CodeCache } from '../../src/vectors/codes/code-cache.js';
import { EngineScan } from '../../src/vectors/engine-scan.js';
import { readGeneration } from '../../src/vectors/generations.js';
import { readProfile } from '../../src/vectors/profile.js';
import { QuantizedSearch } from '../../src/vectors/quantized-search.js';
import { bruteForce } from './brute-force.js';

/** A connection with a cache of codes of its own, on a store that somebody else writes. */
export class Reader {
  readonly driver: LibsqlDriver;
  readonly cache: CodeCache;
  readonly quantized: QuantizedSearch;
  readonly engine: EngineScan;
  readonly #canFallBack: boolean;

  /** @param options.canFallBack allows searches by the engine. Default true. */
  constructor(
    file: string,
    {
      limit = 2 ** 26,
      keptAtOnce,
      canFallBack = true,
    }: { limit?: number; keptAtOnce?: number; canFallBack?: boolean } = {},
  ) {
    this.driver = new LibsqlDriver({ location: file, connect: () => new Database(file, { timeout: 5000 }) });
    this.cache = new CodeCache(limit, keptAtOnce);
    this.quantized = new QuantizedSearch(this.driver, this.cache);
    this.engine = new EngineScan(this.driver);
    this.#canFallBack = canFallBack;
  }

  get profile(): EmbeddingProfile {
    const profile = readProfile(this.driver);
    if (profile === null) throw new Error('The store has no profile.');
    return profile;
  }

  /** Searches by codes, or by the engine if it may. */
  search(
    versionId: number,
    vector: Float32Array,
    limit: number,
    passing: ReadonlySet<ChunkId> | null = null,
  ): VectorHit[] {
    const { profile } = this;
    const search = {
      versionId,
      vector,
      limit,
      passing,
      generations: readGeneration(this.driver, versionId),
    };
    const hits = this.quantized.search(profile, search);
    if (hits === null && !this.#canFallBack) throw new Error('The codes were expected to serve this search.');
    return hits ?? this.engine.search(profile, search);
  }

  /** Searches, measures every vector, and compares, all in one state of the store. Returns how many hits there were. */
  check(versionId: number, vector: Float32Array, limit: number): number {
    return this.driver.readTransaction(() => {
      const { profile } = this;
      const hits = this.search(versionId, vector, limit);
      expect(hits).toEqual(bruteForce(this.driver, profile, versionId, vector, limit));
      return hits.length;
    });
  }

  close(): void {
    this.driver.close();
  }
}
