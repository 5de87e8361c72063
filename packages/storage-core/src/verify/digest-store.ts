import { BatchSize } from '../copy/batch-size.js';
import type { StorageBackend } from '../ports/backend.js';
import type { CallOptions } from '../ports/call-options.js';
import { checkBackend } from '../runtime/check-capabilities.js';
import { nextTurn } from '../runtime/event-loop.js';
import type { PageSnapshot, VersionRecord } from '../values/records.js';
import { Rollup } from './digest.js';
import { Tally } from './tally.js';
import type { VersionTotals } from './types.js';

/** Totals and digest of one version of a store. */
export interface DigestedVersion extends VersionTotals {
  /** Name of the library. */
  readonly library: string;
  /** Name of the version; empty for the unversioned one. */
  readonly version: string;
}

/** Digest of a store, and of each of its versions. */
export interface StoreDigest {
  /** SHA-256 over the versions; the same as in {@link VerifyResult} for stores that list the same versions in order. */
  readonly digest: string;
  /** Versions by library name and version name. */
  readonly versions: readonly DigestedVersion[];
}

/** Options of {@link digestStore}. */
export interface DigestOptions extends CallOptions {
  /** Called with each page that was read, so that one pass serves other purposes too. */
  readonly onPage?: ((page: PageSnapshot, version: VersionRecord) => void) | undefined;
}

/**
 * Reads a whole store page by page and returns its digest: two stores with the same digest hold the same pages, texts,
 * metadata and vectors.
 *
 * @example
 * ```ts
 * const { digest, versions } = await digestStore(backend);
 * for (const { library, version, chunks } of versions) console.log(digest, library, version, chunks);
 * ```
 */
export async function digestStore(
  backend: StorageBackend,
  { onPage, signal, deadline }: DigestOptions = {},
): Promise<StoreDigest> {
  checkBackend(backend, 'backend');
  const call = { signal, deadline };
  const rollup = new Rollup();
  const versions: DigestedVersion[] = [];
  for (const { version: record } of await backend.catalog.overview(call)) {
    const tally = new Tally();
    for await (const page of pagesOf(backend, record, call)) {
      tally.add(page);
      onPage?.(page, record);
    }
    const totals = tally.totals();
    rollup.add(record.library, record.name, totals.digest);
    versions.push({ library: record.library, version: record.name, ...totals });
  }
  return { digest: rollup.digest(), versions };
}

async function* pagesOf(
  backend: StorageBackend,
  { id }: VersionRecord,
  call: CallOptions,
): AsyncGenerator<PageSnapshot> {
  const batch = new BatchSize();
  for (let after = 0; ; ) {
    const { limit } = batch;
    const pages = await backend.catalog.snapshot({ version: { versionId: id }, after, limit }, call);
    batch.adapt(pages);
    yield* pages;
    await nextTurn();
    if (pages.length < limit) return;
    after = pages.at(-1)?.page.id ?? after;
  }
}
