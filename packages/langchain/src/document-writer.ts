import { type PageSnapshot, writeGroups } from '@switchyard/storage-core/backend';
import { chunkIdOf, documentIdOf, isForeignId, urlWithoutSource } from './chunk-documents.js';
import { requireProfile, type Settings } from './config.js';
import { changedByOthers, type EmbeddedEntry, type PageChange, toWrite } from './page-changes.js';
import { isPartOf, partUrl, placeInParts } from './page-parts.js';
import { readPages, scanPages } from './stored-pages.js';
import { stateOf, type VersionState } from './version-state.js';

const NONE: ReadonlyMap<string, EmbeddedEntry> = new Map();

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
      const ids = new Set(mayExist ? entries.map(({ id }) => id) : []);
      if (mayExist && this.#state.pages === null) await this.#scan();
      const lastParts = entries.map(({ url }) => partUrl(url, this.#state.lastParts.get(url) ?? 1));
      const pages = await this.#readPages(new Set([...lastParts, ...this.#knownPagesOf(ids)]));
      const held = pageOfEach(ids, pages);
      const replaced = new Map<string, Map<string, EmbeddedEntry>>();
      const rest = new Map<string, EmbeddedEntry[]>();
      for (const entry of entries) {
        const pageUrl = held.get(entry.id);
        if (pageUrl !== undefined && isPartOf(pageUrl, entry.url)) {
          replaced.set(pageUrl, (replaced.get(pageUrl) ?? new Map()).set(entry.id, entry));
        } else {
          const ofSource = rest.get(entry.url) ?? [];
          rest.set(entry.url, ofSource);
          ofSource.push(entry);
        }
      }
      const added = await this.#place(rest, pages);
      const urls = new Set([...pages.keys(), ...added.keys()]);
      await this.#write(
        [...urls].map((url) => ({
          url,
          page: pages.get(url),
          removed: ids,
          replaced: replaced.get(url) ?? NONE,
          added: added.get(url) ?? [],
        })),
      );
      for (const [url, ofPage] of [...replaced, ...added]) {
        for (const { id } of ofPage.values()) this.#state.pages?.set(id, new Set([url]));
      }
    });
  }

  /** Deletes documents by id, and pages that become empty. Unknown ids are ignored. */
  delete(ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return Promise.resolve();
    return this.#state.exclusively(async () => {
      const removed = new Set(ids);
      const foreign = await this.#pagesOfForeign(removed);
      const find = () => this.#readPages(new Set([...this.#knownPagesOf(removed), ...foreign]));
      let pages = await find();
      const own = ids.filter((id) => !isForeignId(id));
      if (pageOfEach(new Set(own), pages).size < new Set(own).size) {
        // Other processes may have added or moved them.
        await this.#scan();
        pages = await find();
      }
      await this.#write([...pages].map(([url, page]) => ({ url, page, removed, replaced: NONE, added: [] })));
      for (const id of removed) this.#state.pages?.delete(id);
    });
  }

  get #version() {
    const { library, version } = this.#settings;
    return { library, version };
  }

  #readPages(urls: ReadonlySet<string>): Promise<Map<string, PageSnapshot>> {
    return readPages(this.#settings.store.backend, this.#version, urls);
  }

  /** Chooses the pages of new documents by URL; reads those that are not read yet. */
  async #place(
    bySource: ReadonlyMap<string, readonly EmbeddedEntry[]>,
    pages: Map<string, PageSnapshot>,
  ): Promise<Map<string, readonly EmbeddedEntry[]>> {
    const added = new Map<string, readonly EmbeddedEntry[]>();
    for (const [url, documents] of bySource) {
      const from = this.#state.lastParts.get(url) ?? 1;
      const first = partUrl(url, from);
      const read = async (pageUrl: string) => {
        if (pageUrl !== first && !pages.has(pageUrl)) {
          for (const [key, page] of await this.#readPages(new Set([pageUrl]))) pages.set(key, page);
        }
        return pages.get(pageUrl);
      };
      const { placed, last } = await placeInParts(url, documents, from, read);
      for (const part of placed) added.set(part.url, part.added);
      if (last > 1) this.#state.lastParts.set(url, last);
    }
    return added;
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

  async #write(changes: readonly PageChange[]): Promise<void> {
    const { backend } = this.#settings.store;
    const profile = requireProfile(this.#settings.store);
    const writes = changes
      .map((change) => toWrite(change, this.#version, profile.model))
      .filter((write) => write !== null);
    if (writes.length === 0) return;
    if (!this.#isAdopted) {
      await backend.vectors.reconcile(profile, 'refuse');
      this.#isAdopted = true;
    }
    let next = 0;
    for (const group of writeGroups(
      backend,
      writes.map(({ mutation }) => mutation),
    )) {
      for (const result of await backend.apply(group)) {
        const write = writes[next++];
        const before = result.kind === 'replacePage' ? result.chunksReplaced : result.chunksDeleted;
        if (write !== undefined && before !== write.read) throw changedByOthers(write);
      }
    }
  }
}

/** Returns a page of each document that is on one of the pages. */
function pageOfEach(ids: ReadonlySet<string>, pages: ReadonlyMap<string, PageSnapshot>): Map<string, string> {
  const found = new Map<string, string>();
  for (const [url, { chunks }] of pages) {
    for (const chunk of chunks) {
      const id = documentIdOf(chunk);
      if (ids.has(id)) found.set(id, url);
    }
  }
  return found;
}
