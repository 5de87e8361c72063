import type { PageSnapshot } from '../values/records.js';
import { digestPage, Rollup } from './digest.js';
import type { VerifiedVersion, VersionTotals } from './types.js';

/** Totals and digest of one version in one store. */
export class Tally {
  readonly #rollup = new Rollup();
  #pages = 0;
  #chunks = 0;
  #vectors = 0;

  /** @param digest Digest of the page, if known. @returns The digest. */
  add(page: PageSnapshot, digest = digestPage(page)): string {
    this.#rollup.add(digest);
    this.#pages += 1;
    this.#chunks += page.chunks.length;
    for (const { vector } of page.chunks) if (vector !== null) this.#vectors += 1;
    return digest;
  }

  totals(): VersionTotals {
    return {
      pages: this.#pages,
      chunks: this.#chunks,
      vectors: this.#vectors,
      digest: this.#rollup.digest(),
    };
  }
}

/** Combines the digests of all versions of one store. */
export function storeDigest(versions: readonly VerifiedVersion[], store: 'a' | 'b'): string {
  const rollup = new Rollup();
  for (const entry of versions) {
    const totals = entry[store];
    if (totals !== null) rollup.add(entry.library, entry.version, totals.digest);
  }
  return rollup.digest();
}
