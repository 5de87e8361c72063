import type { BackendReport } from '@switchyard/storage-core';
import { capabilities } from './capabilities.js';
import type { Store } from './store.js';

export function inspect(store: Store): Promise<BackendReport> {
  return store.read(async ({ libraries, versions, pages, chunks, profile }) => ({
    backend: 'template-scheme',
    location: `template-scheme:${store.location}`,
    engine: { name: 'JavaScript', version: process.version },
    schemaLevel: 1,
    counts: {
      libraries: libraries.size,
      versions: versions.size,
      pages: pages.size,
      chunks: chunks.size,
      vectors: [...chunks.values()].filter(({ vector }) => vector !== null).length,
    },
    profile,
    bytes: {},
    capabilities,
  }));
}
