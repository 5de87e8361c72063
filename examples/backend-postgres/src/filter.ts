import type { NormalFilter } from '@switchyard/storage-core/backend';

/** Returns the three parameters of the filter in a search: types, headings and beginning of the URL, or null. */
export function filterParameters(filter: NormalFilter | null): readonly unknown[] {
  return [filter?.types ?? null, filter?.pathPrefix ?? null, filter?.urlPrefix ?? null];
}
