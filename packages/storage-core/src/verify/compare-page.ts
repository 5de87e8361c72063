import type { JsonValue } from '../values/json.js';
import type { ChunkSnapshot, PageRecord, PageSnapshot } from '../values/records.js';
import { sameJson, sameVector } from './digest.js';

/** A difference between two pages. */
export interface PageDifference {
  readonly kind: 'page' | 'chunk';
  readonly place: string;
  readonly detail: string;
}

const digestColumns = ['url', 'title'] as const satisfies readonly (keyof PageRecord)[];
const otherColumns = [
  'etag',
  'lastModified',
  'contentType',
  'sourceContentType',
  'depth',
  'createdAt',
  'updatedAt',
] as const satisfies readonly (keyof PageRecord)[];

/** Returns all differences of two pages with the same id; with `deep`, in every column. */
export function comparePages(a: PageSnapshot, b: PageSnapshot, deep: boolean): PageDifference[] {
  const place = `page ${a.page.id}`;
  const differences: PageDifference[] = [];
  for (const column of deep ? [...digestColumns, ...otherColumns] : digestColumns) {
    if (a.page[column] === b.page[column]) continue;
    differences.push({ kind: 'page', place, detail: differs(column, a.page[column], b.page[column]) });
  }
  const others = new Map(b.chunks.map((chunk) => [chunk.id, chunk]));
  for (const chunk of a.chunks) {
    const other = others.get(chunk.id);
    others.delete(chunk.id);
    const where = `chunk ${chunk.id} of ${a.page.url}`;
    if (other === undefined)
      differences.push({ kind: 'chunk', place: where, detail: 'only in the first store' });
    else {
      const details = compareChunks(chunk, other, deep);
      differences.push(...details.map((detail) => ({ kind: 'chunk' as const, place: where, detail })));
    }
  }
  for (const id of others.keys()) {
    differences.push({
      kind: 'chunk',
      place: `chunk ${id} of ${b.page.url}`,
      detail: 'only in the second store',
    });
  }
  if (differences.length === 0 && !sameOrder(a.chunks, b.chunks)) {
    differences.push({ kind: 'page', place, detail: 'the chunks are in a different order' });
  }
  return differences;
}

function compareChunks(a: ChunkSnapshot, b: ChunkSnapshot, deep: boolean): string[] {
  const details: string[] = [];
  if (a.content !== b.content) details.push(differs('content', a.content, b.content));
  if (!sameJson(a.metadata as JsonValue, b.metadata as JsonValue)) {
    details.push(differs('metadata', JSON.stringify(a.metadata), JSON.stringify(b.metadata)));
  }
  if (a.sortOrder !== b.sortOrder) details.push(differs('sortOrder', a.sortOrder, b.sortOrder));
  if (deep && a.createdAt !== b.createdAt) details.push(differs('createdAt', a.createdAt, b.createdAt));
  if (!sameVector(a.vector, b.vector))
    details.push(differs('vector', describe(a.vector), describe(b.vector)));
  return details;
}

function sameOrder(a: readonly ChunkSnapshot[], b: readonly ChunkSnapshot[]): boolean {
  return a.every(({ id }, index) => id === b[index]?.id);
}

/** Formats `column: first / second`, each truncated to a readable length. */
export function differs(column: string, a: unknown, b: unknown): string {
  return `${column}: ${shown(a)} / ${shown(b)}`;
}

function shown(value: unknown): string {
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value);
  return text.length <= 80 ? text : `${text.slice(0, 77)}… (${text.length} characters)`;
}

function describe(vector: Float32Array | null): string {
  if (vector === null) return 'none';
  return `${vector.length} components beginning ${[...vector.subarray(0, 3)].join(', ')}`;
}
