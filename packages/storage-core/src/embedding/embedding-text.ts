import type { ChunkMetadata } from '../values/records.js';

/** What is embedded for a chunk: where it stands, then what it says. */
export function embeddingText(
  page: { readonly title?: string | null | undefined; readonly url: string },
  chunk: { readonly content: string; readonly metadata: Pick<ChunkMetadata, 'path'> },
): string {
  const title = `<title>${page.title ?? ''}</title>`;
  const url = `<url>${page.url}</url>`;
  const path = `<path>${chunk.metadata.path.join(' / ')}</path>`;
  return `${title}\n${url}\n${path}\n${chunk.content}`;
}
