import type {
  ChunkInput,
  ChunkMetadata,
  PageInput,
  ReplacePage,
  StorageBackend,
  VersionRef,
} from '@switchyard/storage-core';
import type { ResultOf } from '@switchyard/storage-core/backend';

/** The version that most contract tests write to. */
export const fastify: VersionRef = { library: 'fastify', version: '5.6.0' };

/** Builds metadata of a text chunk under these headings. */
export function under(path: readonly string[], types: readonly string[] = ['text']): ChunkMetadata {
  return { types, level: path.length, path };
}

/** Builds a chunk with this text; by default without vector and headings. */
export function chunk(content: string, more: Partial<ChunkInput> = {}): ChunkInput {
  return { content, metadata: under([]), vector: null, ...more };
}

/** Builds a vector from its components. */
export function vector(...components: number[]): Float32Array {
  return Float32Array.from(components);
}

/** Builds the write that replaces a page with these chunks. */
export function replacePage(
  version: VersionRef,
  page: string | PageInput,
  chunks: readonly ChunkInput[],
): ReplacePage {
  return { kind: 'replacePage', version, page: typeof page === 'string' ? { url: page } : page, chunks };
}

/** Writes a page and returns its ids. */
export async function write(
  backend: StorageBackend,
  version: VersionRef,
  page: string | PageInput,
  chunks: readonly ChunkInput[],
): Promise<ResultOf<ReplacePage>> {
  const [result] = await backend.apply([replacePage(version, page, chunks)]);
  return result;
}

/** Creates a version and returns its ids. */
export async function resolve(
  backend: StorageBackend,
  library: string,
  version: string,
): Promise<{ libraryId: number; versionId: number; created: boolean }> {
  const [{ libraryId, versionId, created }] = await backend.apply([
    { kind: 'resolveVersion', library, version },
  ]);
  return { libraryId, versionId, created };
}
