import type { StorageBackend } from '../ports/backend.js';
import type { Mutation } from '../values/mutations.js';

/** Bytes assumed per page besides its chunks, so that many small pages count. */
const BYTES_PER_PAGE = 200;

/**
 * Splits mutations into consecutive lists within the `writeBytesMax` of the backend, so that none of them blocks the
 * event loop for long. A page is never split; one that is larger is written alone.
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
