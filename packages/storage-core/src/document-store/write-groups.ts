import type { StorageBackend } from '../ports/backend.js';
import type { Mutation } from '../values/mutations.js';

/** Of a page that has no chunk; keeps many small pages from counting as nothing. */
const BYTES_PER_PAGE = 200;

/**
 * Divides mutations into consecutive lists that each stay within the `writeBytesMax` of the backend, so that none of
 * them holds the event loop for long. A page is never divided: one that is larger goes by itself.
 */
export function* writeGroups<M extends Mutation>(
  { writeBytesMax = Number.POSITIVE_INFINITY }: Pick<StorageBackend, 'writeBytesMax'>,
  mutations: readonly M[],
): Generator<readonly M[]> {
  let from = 0;
  let bytes = 0;
  for (const [index, mutation] of mutations.entries()) {
    const size = bytesOf(mutation);
    if (index > from && bytes + size > writeBytesMax) {
      yield mutations.slice(from, index);
      from = index;
      bytes = 0;
    }
    bytes += size;
  }
  if (from < mutations.length) yield mutations.slice(from);
}

function bytesOf(mutation: Mutation): number {
  if (mutation.kind !== 'replacePage') return BYTES_PER_PAGE;
  return mutation.chunks.reduce(
    (sum, { content, vector }) => sum + content.length + (vector?.byteLength ?? 0),
    BYTES_PER_PAGE,
  );
}
