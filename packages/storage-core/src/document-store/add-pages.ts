import { embedTexts } from '../embedding/embed-texts.js';
import { embeddingText } from '../embedding/embedding-text.js';
import { isStorageError } from '../errors/storage-error.js';
import type { StorageBackend } from '../ports/backend.js';
import type { CallOptions } from '../ports/call-options.js';
import type { ReplacePage } from '../values/mutations.js';
import type { StoreEmbedding } from './search-documents.js';
import type { AddedPage, PageDocument } from './types.js';

/** How far the adding of pages has come. */
export interface AddProgress {
  /** Pages written. */
  readonly pages: number;
  readonly totalPages: number;
  /** Chunks written. */
  readonly chunks: number;
}

/** What {@link addPages} works with. */
export interface AddPagesContext {
  readonly backend: StorageBackend;
  readonly library: string;
  readonly version: string;
  /** Null stores pages without vectors. */
  readonly embedding: StoreEmbedding | null;
  readonly onProgress?: ((progress: AddProgress) => void) | undefined;
  readonly options?: CallOptions | undefined;
}

/** How many chunks are gathered before they are embedded and written together. */
const CHUNKS_PER_GROUP = 64;

const unchanged: AddedPage = { pageId: null, chunkIds: [], chunksReplaced: 0 };

/**
 * Replaces pages: embeds the chunks of several pages together and writes them together, while the next ones are being
 * embedded. Every page is written whole or not at all; pages before a failure stay written.
 *
 * @throws StorageError with outcome `unknown` and `details.pagesWritten` when pages were written before the failure.
 */
export async function addPages(
  context: AddPagesContext,
  pages: readonly PageDocument[],
): Promise<AddedPage[]> {
  const results: AddedPage[] = [];
  let chunks = 0;
  const write = async (group: readonly PageDocument[], mutations: readonly ReplacePage[]): Promise<void> => {
    const written = mutations.length === 0 ? [] : await context.backend.apply(mutations, context.options);
    let next = 0;
    for (const page of group) {
      const result = page.chunks.length === 0 ? undefined : written[next++];
      if (result !== undefined) chunks += result.chunkIds.length;
      results.push(result === undefined ? unchanged : toAddedPage(result));
    }
    context.onProgress?.({ pages: results.length, totalPages: pages.length, chunks });
  };

  let writing: Promise<void> = Promise.resolve();
  try {
    for (const group of groupPages(pages)) {
      const mutations = await embedGroup(context, group);
      await writing;
      writing = write(group, mutations);
      // Awaited in the next round; a failure must not count as unhandled before that.
      writing.catch(() => undefined);
    }
    await writing;
  } catch (error) {
    // The pages before it may still be on their way; what stopped them is the earlier of both failures.
    const failure: unknown = await writing.then(
      () => error,
      (reason: unknown) => reason,
    );
    throw chunks === 0 ? failure : withPagesWritten(failure, results.length, pages.length);
  }
  return results;
}

/** The failed pages may not have been applied, but the call as a whole was in part. */
function withPagesWritten(error: unknown, pagesWritten: number, totalPages: number): unknown {
  if (!isStorageError(error)) return error;
  return error.with({ outcome: 'unknown', details: { ...error.details, pagesWritten, totalPages } });
}

function toAddedPage(result: {
  readonly pageId: number;
  readonly chunkIds: readonly number[];
  readonly chunksReplaced: number;
}): AddedPage {
  return {
    pageId: result.pageId,
    chunkIds: result.chunkIds.map(String),
    chunksReplaced: result.chunksReplaced,
  };
}

function* groupPages(pages: readonly PageDocument[]): Generator<PageDocument[]> {
  let group: PageDocument[] = [];
  let chunks = 0;
  for (const page of pages) {
    group.push(page);
    chunks += page.chunks.length;
    if (chunks >= CHUNKS_PER_GROUP) {
      yield group;
      group = [];
      chunks = 0;
    }
  }
  if (group.length > 0) yield group;
}

async function embedGroup(
  { embedding, library, version, options }: AddPagesContext,
  group: readonly PageDocument[],
): Promise<ReplacePage[]> {
  const inputs = group.flatMap((page) =>
    page.chunks.map((chunk) => ({ text: embeddingText(page, chunk), url: page.url })),
  );
  const vectors =
    embedding === null ? null : await embedTexts(embedding.embedder, inputs, embedding.dimension, options);
  let next = 0;
  return group
    .filter((page) => page.chunks.length > 0)
    .map(({ chunks, url, title, etag, lastModified, contentType, sourceContentType, depth }) => ({
      kind: 'replacePage',
      version: { library, version },
      model: embedding?.embedder.model,
      // Only these: what else an application keeps with its pages need not be what another process can be sent.
      page: { url, title, etag, lastModified, contentType, sourceContentType, depth },
      chunks: chunks.map(({ content, metadata }) => ({
        content,
        metadata,
        vector: vectors?.[next++] ?? null,
      })),
    }));
}
