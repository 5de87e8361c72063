import type {
  EmbeddingProfile,
  LibraryRecord,
  PageRecord,
  StorageBackend,
  VersionRecord,
} from '@switchyard/storage-core';
import { hex } from './assertions.js';

/** Everything readable in a store, as comparable plain data. Vectors are hexadecimal. */
export interface StoreDump {
  readonly profile: EmbeddingProfile | null;
  readonly libraries: readonly LibraryRecord[];
  readonly versions: readonly VersionRecord[];
  readonly pages: readonly { readonly page: PageRecord; readonly chunks: readonly object[] }[];
  /** Counts of the indexes and the report, which reveal leftovers that no read reaches. */
  readonly counts: object;
}

/** Reads a whole store through the ports, a few pages at a time. */
export async function dump(backend: StorageBackend): Promise<StoreDump> {
  const { catalog, vectors } = backend;
  const libraries = await catalog.libraries();
  const versions: VersionRecord[] = [];
  for (const { id } of libraries) versions.push(...(await catalog.versions({ libraryId: id })));
  const pages: { page: PageRecord; chunks: object[] }[] = [];
  for (const { id } of versions) {
    let after = 0;
    for (;;) {
      const found = await catalog.snapshot({ version: { versionId: id }, after, limit: 7 });
      for (const { page, chunks } of found) {
        pages.push({ page, chunks: chunks.map((chunk) => ({ ...chunk, vector: hex(chunk.vector) })) });
        after = page.id;
      }
      if (found.length === 0) break;
    }
  }
  return {
    profile: await vectors.profile(),
    libraries,
    versions,
    pages,
    counts: { report: (await backend.inspect()).counts, vectors: await vectors.stats() },
  };
}
