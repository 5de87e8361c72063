import type { AddedPage, JsonObject, PageDocument, PageId, PageRecord } from '@switchyard/storage-core';

/** Chunks of a page that the model found too large, and that are stored without a vector. */
export interface TooLargePage {
  readonly url: string;
  /** The etag of the page when they were tried. */
  readonly etag: string;
  readonly sortOrders: readonly number[];
}

/** Reads what was recorded of earlier runs. Empty when it was recorded of another model. */
export function readTooLarge(value: unknown, model: string): readonly TooLargePage[] {
  const { model: recorded, pages } = (value ?? {}) as { readonly model?: unknown; readonly pages?: unknown };
  if (recorded !== model || !Array.isArray(pages)) return [];
  return pages.filter(isTooLargePage);
}

function isTooLargePage(value: unknown): value is TooLargePage {
  const { url, etag, sortOrders } = (value ?? {}) as Partial<Record<keyof TooLargePage, unknown>>;
  return typeof url === 'string' && typeof etag === 'string' && Array.isArray(sortOrders);
}

/** As it is recorded with the version. Null when there is nothing to record. */
export function toRecord(pages: readonly TooLargePage[], model: string): JsonObject | null {
  if (pages.length === 0) return null;
  return { model, pages: pages.map((page) => ({ ...page, sortOrders: [...page.sortOrders] })) };
}

/** Pages that lack a vector for another reason than that their chunks are known to be too large. */
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

/** Those of the pages that were just written, and of earlier runs those that are still as they were. */
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
