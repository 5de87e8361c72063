import type { Mutation, StorageBackend } from '@switchyard/storage-core';

/** Write of a page with one chunk. */
export const page = (library: string, url: string, text: string): Mutation => ({
  kind: 'replacePage',
  version: { library, version: '1' },
  page: { url, title: text },
  chunks: [
    {
      content: `${text} zebra`,
      metadata: { types: ['text'], level: 0, path: [] },
      vector: Float32Array.of(1, text.length),
    },
  ],
});

/** Titles of the pages of a library by URL. */
export async function titlesOf(
  { catalog }: StorageBackend,
  library: string,
): Promise<Record<string, string | null>> {
  const pages = await catalog.pages({ library, version: '1' });
  return Object.fromEntries(pages.map(({ url, title }) => [url, title]));
}
