import { requireSoundRows } from '../check/sound-rows.js';
import { writeGroups } from '../document-store/write-groups.js';
import type { StorageBackend } from '../ports/backend.js';
import type { CallOptions } from '../ports/call-options.js';
import { hasCapability, requireCapability } from '../runtime/capability-guard.js';
import { checkBackend } from '../runtime/check-capabilities.js';
import { nextTurn } from '../runtime/event-loop.js';
import { lastKey } from '../runtime/key-order.js';
import type { Mutation } from '../values/mutations.js';
import type { Metric } from '../values/profile.js';
import type { LibraryRecord, PageSnapshot, VersionRecord } from '../values/records.js';
import { countIllFormed, wellFormed } from '../values/well-formed.js';
import { comparePages } from '../verify/compare-page.js';
import { BatchSize } from './batch-size.js';
import { CopyTarget } from './copy-target.js';
import { requireDistinctNames } from './distinct-names.js';

/** Progress of a copy. */
export interface CopyProgress {
  /** Name of the library being copied. */
  readonly library: string;
  /** Name of the version being copied; empty for the unversioned one. */
  readonly version: string;
  /** Pages copied so far, over all versions. */
  readonly pages: number;
  /** Chunks copied so far, over all versions. */
  readonly chunks: number;
  /** Chunks in the source when the copy began. */
  readonly totalChunks: number;
}

/** Options of {@link copyStore}. */
export interface CopyOptions extends CallOptions {
  /** Metric of the target, if it does not support that of the source. Default: that of the source. */
  readonly metric?: Metric | undefined;
  /** Maximum number of pages read at once; reduced for long pages. Default 20. */
  readonly pagesPerBatch?: number | undefined;
  /**
   * Skips the engine's check of the source, which refuses damage that hides rows. Hidden rows are then missing from the
   * target without an error. Default false.
   */
  readonly unchecked?: boolean | undefined;
  /** Called after each batch of pages. */
  readonly onProgress?: ((progress: CopyProgress) => void) | undefined;
}

/** Totals of the source's content that is now in the target. */
export interface CopyResult {
  /** Number of libraries copied. */
  readonly libraries: number;
  /** Number of versions copied. */
  readonly versions: number;
  /** Number of pages copied. */
  readonly pages: number;
  /** Number of chunks copied. */
  readonly chunks: number;
  /** Number of chunks copied with a vector. */
  readonly vectors: number;
  /**
   * Number of chunks copied without their vector because it is unusable, such as one of another dimension. An audit of
   * the source lists them.
   */
  readonly vectorsUnusable: number;
  /** Number of texts of pages and chunks that are not well-formed in the source and were copied with U+FFFD instead. */
  readonly textsReplaced: number;
  /** Number of pages that the target already had, as after an interruption; they were not written again. */
  readonly pagesUnchanged: number;
}

/**
 * Copies a store into another through the ports: same ids, timestamps, texts and vector bytes. Idempotent, also after
 * an interruption: another call writes only what the target lacks. Other content of the target is kept. The event loop
 * runs after each batch of pages; the signal and the deadline take effect there.
 *
 * @throws StorageError `STORAGE_NOT_SUPPORTED` if the target does not support assigned ids, the metric, or vectors;
 * `STORAGE_CORRUPT` if damage may hide rows of the source: see {@link requireSoundRows}; `STORAGE_MODEL_CHANGED` if the
 * target has vectors of another model; `STORAGE_CONSTRAINT` if its ids are taken, and, before anything is written, if
 * two rows of the source have the same name: see {@link requireDistinctNames}. After the first write, every error has
 * the outcome `unknown` and `details.pagesWritten`.
 *
 * @example
 * ```ts
 * const { chunks, vectors } = await copyStore(source, target, {
 *   onProgress: ({ chunks, totalChunks }) => console.log(`${chunks} of ${totalChunks}`),
 * });
 * ```
 */
export async function copyStore(
  from: StorageBackend,
  to: StorageBackend,
  options: CopyOptions = {},
): Promise<CopyResult> {
  checkBackend(from, 'from');
  checkBackend(to, 'to');
  requireCapability(to.name, to.capabilities, 'assignedIds');
  if (options.unchecked !== true) await requireSoundRows(from, options);
  await requireDistinctNames(from, options);
  const target = new CopyTarget(to, options);
  try {
    return await copyAll(from, target, options);
  } catch (error) {
    throw target.explain(error);
  }
}

async function copyAll(from: StorageBackend, target: CopyTarget, options: CopyOptions): Promise<CopyResult> {
  await copyProfile(from, target, options);
  const overview = await from.catalog.overview(options);
  const totalChunks = overview.reduce((sum, entry) => sum + entry.chunks, 0);
  const libraries = new Map((await from.catalog.libraries(options)).map((library) => [library.id, library]));
  const total = {
    libraries: libraries.size,
    versions: 0,
    pages: 0,
    chunks: 0,
    vectors: 0,
    vectorsUnusable: 0,
    textsReplaced: 0,
    pagesUnchanged: 0,
  };

  await copyLonelyLibraries(libraries, overview, target);
  for (const { version } of overview) {
    const library = libraries.get(version.libraryId);
    if (library === undefined) continue; // removed since it was listed
    for await (const { pages, unchanged } of copyVersion(from, target, library, version, options)) {
      total.pages += pages.length;
      total.pagesUnchanged += unchanged;
      for (const { chunks, textsReplaced = 0 } of pages) {
        total.textsReplaced += textsReplaced;
        total.chunks += chunks.length;
        total.vectors += chunks.filter((chunk) => chunk.vector !== null).length;
      }
      const { pages: pageCount, chunks } = total;
      const { library: name, name: versionName } = version;
      options.onProgress?.({ library: name, version: versionName, pages: pageCount, chunks, totalChunks });
    }
    total.versions += 1;
  }
  total.vectorsUnusable = await countUnusable(from, total, options);
  return total;
}

/**
 * Counts chunks that have a vector in the source but were read without one. Queries the source only if some have none.
 */
async function countUnusable(
  from: StorageBackend,
  { chunks, vectors }: Pick<CopyResult, 'chunks' | 'vectors'>,
  options: CallOptions,
): Promise<number> {
  if (vectors === chunks || !hasCapability(from.capabilities, 'vectors')) return 0;
  const { without } = await from.vectors.stats(options);
  return Math.max(0, chunks - without - vectors);
}

async function copyProfile(from: StorageBackend, target: CopyTarget, options: CopyOptions): Promise<void> {
  const profile = await from.vectors.profile(options);
  if (profile === null) return;
  const { model, dimension } = profile;
  await target.adopt({ model, dimension, metric: options.metric ?? profile.metric });
}

/** Copies libraries without versions; the others are copied with their versions. */
async function copyLonelyLibraries(
  libraries: ReadonlyMap<number, LibraryRecord>,
  overview: readonly { readonly version: VersionRecord }[],
  target: CopyTarget,
): Promise<void> {
  const withVersions = new Set(overview.map(({ version }) => version.libraryId));
  const lonely = [...libraries.values()].filter(({ id }) => !withVersions.has(id));
  const mutations = lonely.map((library): Mutation => ({ kind: 'putLibrary', library }));
  if (mutations.length > 0) await target.write(mutations);
}

async function* copyVersion(
  from: StorageBackend,
  target: CopyTarget,
  library: LibraryRecord,
  version: VersionRecord,
  options: CopyOptions,
): AsyncGenerator<{ readonly pages: readonly PageSnapshot[]; readonly unchanged: number }> {
  const { backend: to } = target;
  const batch = new BatchSize(options.pagesPerBatch);
  const ref = { versionId: version.id };
  const isThere = (await to.catalog.version(ref, options))?.library === library.name;
  const held = new HeldPages(isThere ? to : null, version.id, options);
  const first: Mutation[] = [{ kind: 'putVersion', library, version }];
  let after = 0;
  for (;;) {
    const { limit } = batch;
    const pages = (await from.catalog.snapshot({ version: ref, after, limit }, options)).map(sound);
    batch.adapt(pages);
    const last = lastKey(
      pages.map(({ page }) => page.id),
      after,
      'pages',
    );
    const missing: PageSnapshot[] = [];
    for (const page of pages) if (!(await held.has(page))) missing.push(page);
    const mutations = [...first.splice(0), ...missing.map((page) => toMutation(page))];
    for (const group of writeGroups(to, mutations)) await target.write(group);
    if (pages.length > 0) yield { pages, unchanged: pages.length - missing.length };
    await nextTurn();
    if (pages.length < limit) return;
    after = last ?? after;
  }
}

/** Returns a page with well-formed texts. Adds to the count of backends that replace ill-formed text when they read. */
function sound(page: PageSnapshot): PageSnapshot {
  const copied = wellFormed(page);
  return copied === page
    ? page
    : { ...copied, textsReplaced: (page.textsReplaced ?? 0) + countIllFormed(page) };
}

/** Pages of a version in the target, read in step with those of the source. */
class HeldPages {
  readonly #to: StorageBackend | null;
  readonly #versionId: number;
  readonly #batch: BatchSize;
  readonly #options: CallOptions;
  #pages: readonly PageSnapshot[] = [];
  #at = 0;
  #after = 0;
  #ended: boolean;

  constructor(to: StorageBackend | null, versionId: number, options: CopyOptions) {
    this.#to = to;
    this.#versionId = versionId;
    this.#batch = new BatchSize(options.pagesPerBatch);
    this.#options = options;
    this.#ended = to === null;
  }

  /** Returns true if the target has an identical page. Pages are requested in order of their ids. */
  async has(page: PageSnapshot): Promise<boolean> {
    for (;;) {
      const held = this.#pages[this.#at];
      if (held === undefined) {
        if (this.#ended) return false;
        await this.#readMore();
      } else if (held.page.id < page.page.id) {
        this.#at += 1;
      } else {
        return held.page.id === page.page.id && comparePages(page, held, true).length === 0;
      }
    }
  }

  async #readMore(): Promise<void> {
    const { limit } = this.#batch;
    const request = { version: { versionId: this.#versionId }, after: this.#after, limit };
    this.#pages = (await this.#to?.catalog.snapshot(request, this.#options)) ?? [];
    this.#batch.adapt(this.#pages);
    this.#at = 0;
    this.#after =
      lastKey(
        this.#pages.map(({ page }) => page.id),
        this.#after,
        'pages',
      ) ?? this.#after;
    this.#ended = this.#pages.length < limit;
  }
}

/** Mutation that makes a page of another store equal to this one. */
export function toMutation({ page: { versionId, ...page }, chunks }: PageSnapshot): Mutation {
  return { kind: 'replacePage', version: { versionId }, page, chunks };
}
