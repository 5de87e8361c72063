import type { PageDocument, PageId, PageRecord } from '@switchyard/storage-core';
import { fingerprint } from './fingerprint.js';

/** Work needed to make a version match its source. */
export interface IndexPlan {
  /** Pages to write, with their fingerprints as etags. */
  readonly write: readonly PageDocument[];
  /** Number of pages to write that are new to the version. */
  readonly added: number;
  /** Number of pages that need no work. */
  readonly unchanged: number;
  readonly unchangedUrls: ReadonlySet<string>;
  /** Stored pages that the source no longer has. */
  readonly vanished: readonly PageRecord[];
}

/** Input of {@link planIndexing}. */
export interface PlanInput {
  readonly loaded: readonly PageDocument[];
  readonly stored: readonly PageRecord[];
  /** Write every page, changed or not. */
  readonly force: boolean;
  /** Stored pages that lack a vector they should have; written even if unchanged. */
  readonly incomplete: ReadonlySet<PageId>;
}

/** Compares loaded with stored pages. A page without text is treated as missing. */
export function planIndexing({ loaded, stored, force, incomplete }: PlanInput): IndexPlan {
  const known = new Map(stored.map((page) => [page.url, page]));
  const pages = loaded
    .filter((page) => page.chunks.length > 0)
    .map((page) => ({ ...page, etag: fingerprint(page) }));
  const write = pages.filter((page) => {
    const before = known.get(page.url);
    return force || before === undefined || before.etag !== page.etag || incomplete.has(before.id);
  });
  const urls = new Set(pages.map((page) => page.url));
  const unchangedUrls = new Set(urls);
  for (const { url } of write) unchangedUrls.delete(url);
  return {
    write,
    added: write.filter((page) => !known.has(page.url)).length,
    unchanged: pages.length - write.length,
    unchangedUrls,
    vanished: stored.filter((page) => !urls.has(page.url)),
  };
}
