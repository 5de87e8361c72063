import type { AddedPage, JsonObject, PageDocument, PageId, PageRecord } from '@switchyard/storage-core';

/** Chunks of a page that are too large for the model and stored without a vector. */
export interface TooLargePage {
  readonly url: string;
  /** Etag of the page when they were tried. */
  readonly etag: string;
  readonly sortOrders: readonly number[];
}

/** Reads the record of earlier runs; empty if it is of another model. */
export function readTooLarge(value: unknown, model: string): readonly TooLargePage[] {
  const { model: recorded, pages } = (value ?? {}) as { readonly model?: unknown; readonly pages?: unknown };
  if (recorded !== model || !Array.isArray(pages)) return [];
  return pages.filter(isTooLargePage);
}

function isTooLargePage(value: unknown): value is TooLargePage {
  const { url, etag, sortOrders } = (value ?? {}) as Partial<Record<keyof TooLargePage, unknown>>;
  return typeof url === 'string' && typeof etag === 'string' && Array.isArray(sortOrders);
}

/** Converts to the form recorded with the version; null if there is nothing to record. */
export function toRecord(pages: readonly TooLargePage[], model: string): JsonObject | null {
  if (pages.length === 0) return null;
  return { model, pages: pages.map((page) => ({ ...page, sortOrders: [...page.sortOrders] })) };
}

/** Returns pages that lack a vector for any reason other than chunks known to be too large. */
export function toEmbedAgain(
  missing: ReadonlyMap<PageId, readonly number[]>,
  stored: readonly PageRecord[],
  known: readonly TooLargePage[],
): ReadonlySet<PageId> {
  const byUrl = new Map(known.map((page) => [page.url, page]));
  const again = new Set<PageId>();
  for (const { id, url, etag } of stored) {
    const page = byUrl.get(url);
    const isKnown = (sortOrder: number) => page?.etag === etag && page.sortOrders.includes(sortOrder);
    if (!(missing.get(id) ?? []).every(isKnown)) again.add(id);
  }
  return again;
}

/** Combines pages that were just written with those of earlier runs that are unchanged. */
export function allTooLarge(
  known: readonly TooLargePage[],
  unchanged: ReadonlySet<string>,
  written: readonly PageDocument[],
  added: readonly AddedPage[],
): readonly TooLargePage[] {
  const now = written.flatMap(({ url, etag }, index) => {
    const sortOrders = added[index]?.tooLarge ?? [];
    return sortOrders.length === 0 ? [] : [{ url, etag: etag ?? '', sortOrders }];
  });
  return [...known.filter(({ url }) => unchanged.has(url)), ...now];
}
