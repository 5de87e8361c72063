import type { DocumentStore, JsonObject, PageDocument, VersionId } from '@switchyard/storage-core';
import { formatLibrary } from '../arguments/library-ref.js';
import { CliError } from '../cli-error.js';
import type { Output } from '../output/output.js';
import type { Progress } from '../output/progress.js';
import { findMissingVectors } from './incomplete-pages.js';
import type { PageChanges } from './page-changes.js';
import { type IndexPlan, planIndexing } from './plan.js';
import { RunClaim } from './run-claim.js';
import { allTooLarge, type TooLargePage, toEmbedAgain } from './too-large.js';
import { VersionOrigin } from './version-origin.js';

/** Input of {@link indexVersion}. */
export interface IndexSettings {
  readonly documents: DocumentStore;
  /** Model of the pages' vectors; null without vectors. */
  readonly model: string | null;
  readonly library: string;
  readonly version: string;
  readonly pages: readonly PageDocument[];
  readonly sourceUrl: string;
  /** Options used for reading, stored with the source URL. */
  readonly scraperOptions: JsonObject;
  readonly force: boolean;
  readonly keepMissing: boolean;
  /** Makes the version match this source even if it was built from another one. */
  readonly replaceSource: boolean;
  readonly output: Output;
  readonly signal: AbortSignal;
}

/** Result of indexing, in pages and chunks. */
export interface IndexReport extends PageChanges {
  readonly chunksWritten: number;
  /**
   * Chunks stored without a vector because they are too large for the model: in this run, or earlier and unchanged
   * since.
   */
  readonly tooLarge: readonly TooLargePage[];
}

/**
 * Makes a version match its source, page by page, and maintains its status: running, then completed, failed or (when
 * aborted) cancelled. Run again after an interruption, it resumes, since finished pages are unchanged.
 */
export async function indexVersion(settings: IndexSettings): Promise<IndexReport> {
  const { documents, library, version, signal } = settings;
  const versionId = await documents.resolveVersion(library, version, { signal });
  const origin = await VersionOrigin.read(documents, versionId, settings);
  const claim = await RunClaim.take(origin, formatLibrary(library, version));
  try {
    return await claimed(settings, versionId, origin, claim);
  } finally {
    await claim.release();
  }
}

async function claimed(
  settings: IndexSettings,
  versionId: VersionId,
  origin: VersionOrigin,
  claim: RunClaim,
): Promise<IndexReport> {
  const { documents, output, signal } = settings;
  try {
    await documents.setVersionStatus(versionId, 'running', null, { signal });
    const report = await update(settings, versionId, origin, claim);
    await documents.setVersionStatus(versionId, 'completed', null, { signal });
    return report;
  } catch (error) {
    if (error instanceof CliError && error.code === 'CLI_BUSY') throw error; // the status belongs to the other run
    const message = output.redact(error instanceof Error ? error.message : String(error));
    // Without the signal: the status must be written even if it was aborted.
    await (signal.aborted
      ? documents.setVersionStatus(versionId, 'cancelled')
      : documents.setVersionStatus(versionId, 'failed', message)
    ).catch((cause: unknown) => output.note(`The status could not be stored: ${String(cause)}`));
    throw error;
  }
}

async function update(
  settings: IndexSettings,
  versionId: VersionId,
  origin: VersionOrigin,
  claim: RunClaim,
): Promise<IndexReport> {
  const { documents, library, version, signal, output } = settings;
  const stored = await documents.pages(versionId, { signal });
  const { model } = settings;
  const known = model === null ? [] : origin.tooLarge(model);
  const missing =
    model === null ? new Map<never, never>() : await findMissingVectors(documents.backend, versionId, signal);
  const incomplete = toEmbedAgain(missing, stored, known);
  const plan = planIndexing({ loaded: settings.pages, stored, force: settings.force, incomplete });
  const { deletes, others } = await origin.recordSource(plan, stored, settings);
  const total = plan.write.length + plan.unchanged;
  const progress = new StoredProgress(
    documents,
    versionId,
    total,
    output.progress(`Indexing ${formatLibrary(library, version)}`, 'pages'),
  );
  let chunks = 0;
  let failure: unknown;
  let tooLarge: readonly TooLargePage[] = [];
  try {
    progress.update(plan.unchanged);
    const added = await documents.addPages(library, version, plan.write, {
      signal,
      onTooLarge: 'skip',
      onProgress: (done) => {
        chunks = done.chunks;
        progress.update(plan.unchanged + done.pages);
      },
    });
    tooLarge = allTooLarge(known, plan.unchangedUrls, plan.write, added);
  } finally {
    failure = await progress.end();
  }
  if (failure !== undefined) throw failure;
  signal.throwIfAborted();
  await claim.check();
  if (deletes) await deleteVanished(settings, plan);
  if (model !== null && (tooLarge.length > 0 || known.length > 0)) {
    await origin.recordTooLarge(tooLarge, model);
  }
  return {
    pagesAdded: plan.added,
    pagesChanged: plan.write.length - plan.added,
    pagesUnchanged: plan.unchanged,
    pagesVanished: plan.vanished.map(({ url }) => url),
    vanishedDeleted: deletes,
    otherSources: others,
    chunksWritten: chunks,
    tooLarge,
  };
}

async function deleteVanished({ documents, signal }: IndexSettings, { vanished }: IndexPlan): Promise<void> {
  if (vanished.length === 0) return;
  const mutations = vanished.map(({ id }) => ({ kind: 'deletePage', page: { pageId: id } }) as const);
  await documents.backend.apply(mutations, { signal });
}

/** Shows progress and stores it with the version; only one write is in progress at a time. */
class StoredProgress {
  #writing: Promise<void> | undefined;
  #failure: unknown;
  #latest = 0;
  #stored = -1;

  constructor(
    private readonly documents: DocumentStore,
    private readonly versionId: VersionId,
    private readonly total: number,
    private readonly display: Progress,
  ) {}

  update(pages: number): void {
    this.#latest = pages;
    this.display.update(pages, this.total);
    this.#writing ??= this.#write();
  }

  /** Stores the latest progress. @returns The error that occurred, if any. */
  async end(): Promise<unknown> {
    this.display.stop();
    await this.#writing;
    if (this.#stored !== this.#latest && this.#failure === undefined) await this.#write();
    return this.#failure;
  }

  async #write(): Promise<void> {
    const pages = this.#latest;
    try {
      await this.documents.setVersionProgress(this.versionId, pages, this.total);
      this.#stored = pages;
    } catch (error) {
      this.#failure ??= error;
    } finally {
      this.#writing = undefined;
    }
  }
}
