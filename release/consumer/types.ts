// Type-checked as the code of a consumer; entries.ts beside it imports every entry point.
import { libsqlModule } from '@switchyard/backend-libsql/module';
import { createContainer } from '@switchyard/storage-container';
import type { StorageBackend } from '@switchyard/storage-core';
import { DocumentStore, type Embedder, StorageError } from '@switchyard/storage-core';

export async function firstUrl(path: string, text: string, embedder?: Embedder): Promise<string | null> {
  await using container = createContainer({ modules: [libsqlModule] });
  const backend: StorageBackend = container.createBackend(path);
  const store = await DocumentStore.open({ backend, embedder });
  try {
    const [hit] = await store.search('my-lib', '1.0.0', text, { limit: 1 });
    // @ts-expect-error a hit has no such member, so that missing types cannot pass as `any`
    void hit?.nothing;
    return hit?.url ?? null;
  } catch (error) {
    if (error instanceof StorageError && error.code === 'STORAGE_NOT_FOUND') return null;
    throw error;
  } finally {
    await store.close();
  }
}
