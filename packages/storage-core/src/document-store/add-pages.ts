import { applyObserved } from '../diagnostics/observed.js';
import { embedTexts, embedTextsThatFit } from '../embedding/embed-texts.js';
import { embeddingText } from '../embedding/embedding-text.js';
import type { StorageBackend } from '../ports/backend.js';
import type { CallOptions } from '../ports/call-options.js';
import { checkCall } from '../runtime/deadline.js';
import { nextTurn } from '../runtime/event-loop.js';
import { afterPartialWrite } from '../runtime/partial-write.js';
import type { ReplacePage } from '../values/mutations.js';
import { normalizeLibraryName, normalizeVersionName } from '../values/names.js';
import { checkPage } from './check-page.js';
import { groupPages } from './group-pages.js';
import type { StoreEmbedding } from './search-documents.js';
import type { AddedPage, PageDocument } from './types.js';
import { writeGroups } from './write-groups.js';

/** Progress of adding pages. */
export interface AddProgress {
  /** Pages written. */
  readonly pages: number;
  /** Total number of pages; null for a generator, which does not tell. */
  readonly totalPages: number | null;
  /** Chunks written. */
  readonly chunks: number;
}

/**
 * Handling of a chunk whose text is too large for the embedder, even cut to its first half: `error` ends the call,
 * `skip` stores the chunk without a vector, so that only full-text search finds it.
 */
export type OnTooLarge = 'error' | 'skip';

/** Input of {@link addPages}. */
export interface AddPagesContext {
  readonly backend: StorageBackend;
  readonly library: string;
  readonly version: string;
  /** Null to store pages without vectors. */
  readonly embedding: StoreEmbedding | null;
  readonly onTooLarge?: OnTooLarge | undefined;
  /** Awaited before pages are written; gives a new store its profile. */
  readonly prepare?: (() => Promise<void>) | undefined;
  readonly onProgress?: ((progress: AddProgress) => void) | undefined;
  readonly options?: CallOptions | undefined;
}

/** Pages to add: a list, or a generator that produces them as needed. */
export type PageSource = Iterable<PageDocument> | AsyncIterable<PageDocument>;

const unchanged: AddedPage = { pageId: null, chunkIds: [], chunksReplaced: 0 };

/**
 * Replaces pages: embeds the chunks of several pages together and writes them together, while the next ones are being
 * embedded. Every page is written completely or not at all; pages before a failure stay written. The event loop runs
 * after every write.
 *
 * @throws StorageError with outcome `unknown` and `details.pagesWritten` if pages were written before the failure.
 * @throws TypeError that names the page and the field; for an array, before anything is embedded or written.
 */
export async function addPages(context: AddPagesContext, pages: PageSource): Promise<AddedPage[]> {
  if (!['error', 'skip'].includes(context.onTooLarge ?? 'error')) {
    throw new TypeError(`onTooLarge must be 'error' or 'skip', not ${String(context.onTooLarge)}.`);
  }
  normalizeLibraryName(context.library);
  normalizeVersionName(context.version);
  if (!isIterable(pages)) throw new TypeError('pages must be an array or a generator of pages.');
  if (Array.isArray(pages)) for (const [index, page] of pages.entries()) checkPage(page, `pages[${index}]`);
  const writer = new PageWriter(context, Array.isArray(pages) ? pages.length : null);
  let writing: Promise<void> = Promise.resolve();
  try {
    try {
      for await (const group of groupPages(pages, context.options)) {
        checkCall(context.options, context.backend.name);
        const mutations = await embedGroup(context, group);
        await writing;
        writing = writer.write(group, mutations);
        // Awaited in the next iteration; until then a failure must not count as unhandled.
        writing.catch(() => undefined);
      }
    } finally {
      await writing;
    }
  } catch (error) {
    throw writer.explain(error);
  }
  return writer.results;
}

function isIterable(pages: unknown): boolean {
  return (
    typeof pages === 'object' && pages !== null && (Symbol.iterator in pages || Symbol.asyncIterator in pages)
  );
}

/** Writes pages in order and keeps their results. */
class PageWriter {
  readonly results: AddedPage[] = [];
  readonly #context: AddPagesContext;
  readonly #totalPages: number | null;
  #chunks = 0;

  constructor(context: AddPagesContext, totalPages: number | null) {
    this.#context = context;
    this.#totalPages = totalPages;
  }

  async write(group: readonly PageDocument[], mutations: readonly ReplacePage[]): Promise<void> {
    const { backend, options, prepare } = this.#context;
    if (mutations.length > 0) await prepare?.();
    let next = 0;
    let place = 0;
    for (const part of writeGroups(backend, mutations)) {
      const written = await applyObserved(backend, part, options);
      for (const { pageId, chunkIds, chunksReplaced } of written) {
        next = this.#skipEmpty(group, next);
        const tooLarge = this.#withoutVector(mutations[place++]);
        const added = { pageId, chunkIds: chunkIds.map(String), chunksReplaced };
        this.results.push(tooLarge.length === 0 ? added : { ...added, tooLarge });
        this.#chunks += chunkIds.length;
        next += 1;
      }
      this.#report();
      await nextTurn();
    }
    if (this.#skipEmpty(group, next) > next) this.#report();
  }

  /** The failed pages may not have been applied, but the call as a whole was applied in part. */
  explain(error: unknown): unknown {
    if (this.#chunks === 0) return error;
    const pages = this.results.length;
    const note = `Before that, ${pages} of ${this.#totalPages} pages were written; they stay.`;
    return afterPartialWrite(error, { pagesWritten: pages, totalPages: this.#totalPages }, note);
  }

  #skipEmpty(group: readonly PageDocument[], from: number): number {
    let next = from;
    for (; group[next]?.chunks.length === 0; next++) this.results.push(unchanged);
    return next;
  }

  #withoutVector(mutation: ReplacePage | undefined): number[] {
    if (this.#context.embedding === null || mutation === undefined) return [];
    return mutation.chunks.flatMap(({ vector }, sortOrder) => (vector === null ? [sortOrder] : []));
  }

  #report(): void {
    const progress = { pages: this.results.length, totalPages: this.#totalPages, chunks: this.#chunks };
    this.#context.onProgress?.(progress);
  }
}

async function embedGroup(
  { embedding, library, version, onTooLarge, options }: AddPagesContext,
  group: readonly PageDocument[],
): Promise<ReplacePage[]> {
  const inputs = group.flatMap((page) =>
    page.chunks.map((chunk) => ({ text: embeddingText(page, chunk), url: page.url })),
  );
  const embed = onTooLarge === 'skip' ? embedTextsThatFit : embedTexts;
  const vectors =
    embedding === null ? null : await embed(embedding.embedder, inputs, embedding.dimension, options);
  let next = 0;
  return group
    .filter((page) => page.chunks.length > 0)
    .map(({ chunks, url, title, etag, lastModified, contentType, sourceContentType, depth }) => ({
      kind: 'replacePage',
      version: { library, version },
      model: embedding?.embedder.model,
      // Only these fields: others that an application keeps with its pages may not be serializable.
      page: { url, title, etag, lastModified, contentType, sourceContentType, depth },
      chunks: chunks.map(({ content, metadata }) => ({
        content,
        metadata,
        vector: vectors?.[next++] ?? null,
      })),
    }));
}
