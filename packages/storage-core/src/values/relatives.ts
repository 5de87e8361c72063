import type { ContextOptions } from '../ports/catalog.js';
import type { ChunkId } from './ids.js';

/** A chunk with its path, for finding relatives. */
export interface OutlineEntry {
  /** Id of the chunk. */
  readonly id: ChunkId;
  /** Headings above the chunk, outermost first. */
  readonly path: readonly string[];
}

/** Ids of a chunk's relatives, each list in page order. */
export interface RelativeIds {
  /** Parent; null without one. */
  readonly parent: ChunkId | null;
  /** Children in page order. */
  readonly children: readonly ChunkId[];
  /** Nearest earlier siblings, in page order. */
  readonly precedingSiblings: readonly ChunkId[];
  /** Nearest later siblings, in page order. */
  readonly subsequentSiblings: readonly ChunkId[];
}

/**
 * Finds the relatives of a chunk in the outline of its page, for backends that have the outline in memory.
 *
 * The parent is the nearest earlier chunk whose path is the chunk's path without its last element; a chunk whose path
 * has fewer than two elements has none. Children are later chunks whose path is exactly one longer and begins with the
 * chunk's. Siblings have the same path.
 *
 * @param outline All chunks of the page in page order (by sort order, then by id).
 *
 * @example
 * ```ts
 * const outline = [
 *   { id: 1, path: ['Routes'] },
 *   { id: 2, path: ['Routes', 'Options'] },
 * ];
 * selectRelatives(outline, 2, { parent: true }).parent; // 1
 * ```
 */
export function selectRelatives(
  outline: readonly OutlineEntry[],
  chunkId: ChunkId,
  request: ContextOptions,
): RelativeIds {
  const at = outline.findIndex((entry) => entry.id === chunkId);
  const self = outline[at];
  if (self === undefined)
    return { parent: null, children: [], precedingSiblings: [], subsequentSiblings: [] };
  const earlier = outline.slice(0, at);
  const later = outline.slice(at + 1);
  const parentPath = self.path.slice(0, -1);
  const isSibling = (entry: OutlineEntry) => samePath(entry.path, self.path);
  const isChild = (entry: OutlineEntry) =>
    samePath(entry.path.slice(0, -1), self.path) && entry.path.length > 0;
  const precedingLimit = request.precedingSiblings ?? 0;

  return {
    parent:
      request.parent === true && self.path.length > 1
        ? (earlier.findLast((entry) => samePath(entry.path, parentPath))?.id ?? null)
        : null,
    children: ids(later.filter(isChild).slice(0, request.children ?? 0)),
    precedingSiblings: precedingLimit === 0 ? [] : ids(earlier.filter(isSibling).slice(-precedingLimit)),
    subsequentSiblings: ids(later.filter(isSibling).slice(0, request.subsequentSiblings ?? 0)),
  };
}

function samePath(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((element, index) => element === b[index]);
}

function ids(entries: readonly OutlineEntry[]): ChunkId[] {
  return entries.map((entry) => entry.id);
}
