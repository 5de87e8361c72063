import type { StorageBackend } from '../ports/backend.js';
import type { CallOptions } from '../ports/call-options.js';
import { requireCapability } from '../runtime/capability-guard.js';
import type { Mutation } from '../values/mutations.js';
import type { Metric } from '../values/profile.js';
import type { LibraryRecord, PageSnapshot, VersionRecord } from '../values/records.js';

/** How far a copy has come. */
export interface CopyProgress {
  readonly library: string;
  readonly version: string;
  readonly pages: number;
  readonly chunks: number;
  readonly totalChunks: number;
}

/** How a store is copied. */
export interface CopyOptions extends CallOptions {
  /** The metric of the target, where it cannot have that of the source. Default: that of the source. */
  readonly metric?: Metric | undefined;
  /** Pages read and written at once. Default 32. */
  readonly pagesPerBatch?: number | undefined;
  readonly onProgress?: ((progress: CopyProgress) => void) | undefined;
}

/** What was copied. */
export interface CopyResult {
  readonly libraries: number;
  readonly versions: number;
  readonly pages: number;
  readonly chunks: number;
  readonly vectors: number;
}

/**
 * Copies a store into another through the ports: same ids, timestamps, texts and vector bytes. Doing it again, also
 * after an interruption, brings the target to the same state. What the target holds besides is left alone.
 *
 * @throws StorageError `STORAGE_NOT_SUPPORTED` when the target cannot take assigned ids or the metric;
 * `STORAGE_MODEL_CHANGED` when it holds vectors of another model; `STORAGE_CONSTRAINT` when its ids are taken.
 */
export async function copyStore(
  from: StorageBackend,
  to: StorageBackend,
  options: CopyOptions = {},
): Promise<CopyResult> {
  requireCapability(to.name, to.capabilities, 'assignedIds');
  await copyProfile(from, to, options);

  const overview = await from.catalog.overview(options);
  const totalChunks = overview.reduce((sum, entry) => sum + entry.chunks, 0);
  const libraries = new Map((await from.catalog.libraries(options)).map((library) => [library.id, library]));
  const total = { libraries: libraries.size, versions: 0, pages: 0, chunks: 0, vectors: 0 };

  for (const { version } of overview) {
    const library = libraries.get(version.libraryId);
    if (library === undefined) continue; // removed since it was listed
    for await (const pages of readVersion(from, to, library, version, options)) {
      total.pages += pages.length;
      for (const { chunks } of pages) {
        total.chunks += chunks.length;
        total.vectors += chunks.filter((chunk) => chunk.vector !== null).length;
      }
      const { pages: pageCount, chunks } = total;
      const { library: name, name: versionName } = version;
      options.onProgress?.({ library: name, version: versionName, pages: pageCount, chunks, totalChunks });
    }
    total.versions += 1;
  }
  return total;
}

async function copyProfile(from: StorageBackend, to: StorageBackend, options: CopyOptions): Promise<void> {
  const profile = await from.vectors.profile(options);
  if (profile === null) return;
  const { model, dimension } = profile;
  await to.vectors.reconcile(
    { model, dimension, metric: options.metric ?? profile.metric },
    'refuse',
    options,
  );
}

async function* readVersion(
  from: StorageBackend,
  to: StorageBackend,
  library: LibraryRecord,
  version: VersionRecord,
  options: CopyOptions,
): AsyncGenerator<readonly PageSnapshot[]> {
  const limit = options.pagesPerBatch ?? 32;
  const ref = { versionId: version.id };
  const first: Mutation[] = [{ kind: 'putVersion', library, version }];
  let after = 0;
  for (;;) {
    const pages = await from.catalog.snapshot({ version: ref, after, limit }, options);
    await to.apply([...first.splice(0), ...pages.map((page) => toMutation(page))], options);
    if (pages.length > 0) yield pages;
    if (pages.length < limit) return;
    after = pages.at(-1)?.page.id ?? after;
  }
}

/** The write that makes a page of another store equal to this one. */
export function toMutation({ page: { versionId, ...page }, chunks }: PageSnapshot): Mutation {
  return { kind: 'replacePage', version: { versionId }, page, chunks };
}
