import type { ChunkMetadata } from '../values/records.js';

/**
 * Returns the text that is embedded for a chunk: title, URL and path in tags, then the content.
 *
 * @example
 * ```ts
 * const text = embeddingText(
 *   { title: 'Hooks', url: 'https://fastify.dev/docs/hooks' },
 *   { content: 'Hooks run in order.', metadata: { path: ['Hooks'] } },
 * );
 * ```
 */
export function embeddingText(
  page: { readonly title?: string | null | undefined; readonly url: string },
  chunk: { readonly content: string; readonly metadata: Pick<ChunkMetadata, 'path'> },
): string {
  const title = `<title>${page.title ?? ''}</title>`;
  const url = `<url>${page.url}</url>`;
  const path = `<path>${chunk.metadata.path.join(' / ')}</path>`;
  return `${title}\n${url}\n${path}\n${chunk.content}`;
}
