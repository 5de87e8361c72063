import { type ReplacePage, StorageError } from '@switchyard/storage-core';
import { type ChunkSnapshot, type PageSnapshot, writeGroups } from '@switchyard/storage-core/backend';
import { chunkIdOf, documentIdOf, type Entry, isForeignId, urlWithoutSource } from './chunk-documents.js';
import { requireProfile, type Settings } from './config.js';
import { readPages, scanPages } from './stored-pages.js';
import { stateOf, type VersionState } from './version-state.js';

/** An entry with its vector, fitted to the dimension of the store. */
export interface EmbeddedEntry extends Entry {
  readonly vector: Float32Array;
}

type NewChunk = ReplacePage['chunks'][number];
type Write = ReplacePage | { readonly kind: 'deletePage'; readonly page: { readonly pageId: number } };

/**
 * Adds and deletes documents in the pages of a version. A page is read, changed and written back with the vectors it has,
 * so nothing is embedded again; changes of one process queue up.
 */
export class DocumentWriter {
  readonly #settings: Settings;
  readonly #state: VersionState;
  #isAdopted = false;

  constructor(settings: Settings) {
    this.#settings = settings;
    this.#state = stateOf(settings.store.backend, settings.library, settings.version);
  }

  /**
   * Adds documents at the end of the pages of their sources. A document with a stored id replaces that one: in its place,
   * or, with another source, on the new page.
   *
   * @param mayExist False if the ids are new, so that no stored one needs to be looked for.
   */
  add(entries: readonly EmbeddedEntry[], mayExist: boolean): Promise<void> {
    if (entries.length === 0) return Promise.resolve();
    return this.#state.exclusively(async () => {
      const ids = new Set(entries.map(({ id }) => id));
      const byUrl = new Map<string, EmbeddedEntry[]>();
      for (const entry of entries) byUrl.set(entry.url, [...(byUrl.get(entry.url) ?? []), entry]);
      const urls = new Set(byUrl.keys());
      if (mayExist) {
        if (this.#state.pages === null) await this.#scan();
        for (const url of this.#knownPagesOf(ids)) urls.add(url);
      }
      const pages = await this.#readPages(urls);
      await this.#write(
        [...urls].flatMap((url) => this.#change(url, pages.get(url), byUrl.get(url) ?? [], ids)),
      );
      for (const { id, url } of entries) this.#state.pages?.set(id, new Set([url]));
    });
  }

  /** Deletes documents by id, and pages that become empty. Unknown ids are ignored. */
  delete(ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return Promise.resolve();
    return this.#state.exclusively(async () => {
      const wanted = new Set(ids);
      const foreign = await this.#pagesOfForeign(wanted);
      const find = () => this.#readPages(new Set([...this.#knownPagesOf(wanted), ...foreign]));
      let pages = await find();
      if (!holdsAll(pages, wanted)) {
        // Other processes may have added or moved them.
        await this.#scan();
        pages = await find();
      }
      await this.#write([...pages].flatMap(([url, page]) => this.#change(url, page, [], wanted)));
      for (const id of wanted) this.#state.pages?.delete(id);
    });
  }

  get #version() {
    const { library, version } = this.#settings;
    return { library, version };
  }

  #readPages(urls: ReadonlySet<string>): Promise<Map<string, PageSnapshot>> {
    return readPages(this.#settings.store.backend, this.#version, urls);
  }

  /** Returns the pages that hold documents with these ids, as far as this process knows. */
  #knownPagesOf(ids: ReadonlySet<string>): string[] {
    return [...ids]
      .filter((id) => !isForeignId(id))
      .flatMap((id) => [...(this.#state.pages?.get(id) ?? [urlWithoutSource(id)])]);
  }

  /** Finds the pages of all documents. */
  async #scan(): Promise<void> {
    const pages = new Map<string, Set<string>>();
    for await (const { page, chunks } of scanPages(this.#settings.store.backend, this.#version)) {
      for (const chunk of chunks) {
        const id = documentIdOf(chunk);
        if (!isForeignId(id)) pages.set(id, (pages.get(id) ?? new Set()).add(page.url));
      }
    }
    this.#state.pages = pages;
  }

  async #pagesOfForeign(ids: ReadonlySet<string>): Promise<string[]> {
    const chunkIds = [...ids].map(chunkIdOf).filter((id) => id !== null);
    if (chunkIds.length === 0) return [];
    // Chunks of other versions are not on the pages that are then read from this one.
    return (await this.#settings.store.backend.catalog.chunks(chunkIds)).map(({ url }) => url);
  }

  /** Returns the write that adds documents to a page and removes those with the given ids; none if nothing changes. */
  #change(
    url: string,
    page: PageSnapshot | undefined,
    added: readonly EmbeddedEntry[],
    ids: ReadonlySet<string>,
  ): { readonly write: Write; readonly read: number }[] {
    const before = page?.chunks ?? [];
    const replacing = new Map(added.map((entry) => [entry.id, entry]));
    const kept = before.flatMap((chunk): NewChunk[] => {
      const id = documentIdOf(chunk);
      const entry = replacing.get(id);
      // Only the first chunk with an id is replaced in its place.
      replacing.delete(id);
      if (entry !== undefined) return [toChunk(entry)];
      return ids.has(id) ? [] : [keep(chunk)];
    });
    const chunks = [...kept, ...[...replacing.values()].map(toChunk)];
    if (added.length === 0 && chunks.length === before.length) return [];
    if (chunks.length === 0 && page !== undefined) {
      return [{ write: { kind: 'deletePage', page: { pageId: page.page.id } }, read: before.length }];
    }
    const title = page?.page.title ?? added.find((entry) => entry.title !== null)?.title ?? null;
    const { etag, lastModified, contentType, sourceContentType, depth } = page?.page ?? {};
    const write = {
      kind: 'replacePage' as const,
      version: this.#version,
      page: { url, title, etag, lastModified, contentType, sourceContentType, depth },
      chunks,
      model: requireProfile(this.#settings.store).model,
    };
    return [{ write, read: before.length }];
  }

  async #write(changes: readonly { readonly write: Write; readonly read: number }[]): Promise<void> {
    const { backend } = this.#settings.store;
    if (changes.length === 0) return;
    if (!this.#isAdopted) {
      await backend.vectors.reconcile(requireProfile(this.#settings.store), 'refuse');
      this.#isAdopted = true;
    }
    let next = 0;
    for (const group of writeGroups(
      backend,
      changes.map(({ write }) => write),
    )) {
      for (const result of await backend.apply(group)) {
        const change = changes[next++];
        const replaced = result.kind === 'replacePage' ? result.chunksReplaced : result.chunksDeleted;
        if (change !== undefined && replaced !== change.read) throw changedMeanwhile(change.write);
      }
    }
  }
}

function holdsAll(pages: ReadonlyMap<string, PageSnapshot>, ids: ReadonlySet<string>): boolean {
  const held = new Set([...pages.values()].flatMap(({ chunks }) => chunks.map(documentIdOf)));
  return [...ids].every((id) => isForeignId(id) || held.has(id));
}

function toChunk({ chunk, vector }: EmbeddedEntry): NewChunk {
  return { ...chunk, vector };
}

/** Without its id: ids are given for all chunks of a page or for none. */
function keep({ content, metadata, vector, createdAt }: ChunkSnapshot): NewChunk {
  return { content, metadata, vector, createdAt };
}

function changedMeanwhile(write: Write): StorageError {
  const page = write.kind === 'replacePage' ? write.page.url : `with the id ${write.page.pageId}`;
  return new StorageError(
    'STORAGE_CONSTRAINT',
    `Another process changed the page ${page} at the same time; documents that it added there may be lost. Let one ` +
      'process at a time write to a version, and add the documents of that process again.',
    { outcome: 'unknown' },
  );
}
