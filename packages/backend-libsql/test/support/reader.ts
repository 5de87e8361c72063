import type { EmbeddingProfile } from '@switchyard/storage-core';
import Database from 'libsql';
import { expect } from 'vitest';
import { LibsqlDriver } from '../../src/driver/libsql-driver.js';
import { CodeCache } from '../../src/vectors/codes/code-cache.js';
import { ExactScan } from '../../src/vectors/exact-scan.js';
import { readProfile } from '../../src/vectors/profile.js';
import { QuantizedSearch } from '../../src/vectors/quantized-search.js';
import type { VectorSearcher } from '../../src/vectors/vector-searcher.js';
import { bruteForce } from './brute-force.js';

/** A searcher that must not be needed. */
export const nobody: VectorSearcher = {
  search() {
    throw new Error('The codes were expected to serve this search.');
  },
};

/** A connection with a cache of codes of its own, on a store that somebody else writes. */
export class Reader {
  readonly driver: LibsqlDriver;
  readonly cache: CodeCache;
  readonly scan: ExactScan;
  readonly quantized: QuantizedSearch;

  constructor(
    file: string,
    {
      limit = 2 ** 26,
      keptAtOnce,
      fallback,
    }: { limit?: number; keptAtOnce?: number; fallback?: VectorSearcher } = {},
  ) {
    this.driver = new LibsqlDriver({ location: file, connect: () => new Database(file, { timeout: 5000 }) });
    this.cache = new CodeCache(limit, keptAtOnce);
    this.scan = new ExactScan(this.driver);
    this.quantized = new QuantizedSearch(this.driver, this.cache, fallback ?? this.scan);
  }

  get profile(): EmbeddingProfile {
    const profile = readProfile(this.driver);
    if (profile === null) throw new Error('The store has no profile.');
    return profile;
  }

  /** Searches, measures every vector, and compares, all in one state of the store. Returns how many hits there were. */
  check(versionId: number, vector: Float32Array, limit: number): number {
    return this.driver.readTransaction(() => {
      const { profile } = this;
      const hits = this.quantized.search(profile, { versionId, vector, limit });
      expect(hits).toEqual(bruteForce(this.driver, profile, versionId, vector, limit));
      return hits.length;
    });
  }

  close(): void {
    this.driver.close();
  }
}
