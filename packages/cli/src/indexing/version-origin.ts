import type {
  CallOptions,
  DocumentStore,
  JsonObject,
  PageRecord,
  StoredScraperOptions,
  VersionId,
} from '@switchyard/storage-core';
import type { IndexPlan } from './plan.js';
import type { ClaimStore } from './run-claim.js';
import { identifySource, type KnownSource, knownSources, mayDeleteVanished } from './source-identity.js';
import { readTooLarge, type TooLargePage, toRecord } from './too-large.js';

/** Source of pages that something other than this command wrote. */
const UNKNOWN: KnownSource = { identity: 'an unknown source', url: '' };

/** Source about to be indexed. */
export interface NewOrigin {
  readonly sourceUrl: string;
  readonly scraperOptions: JsonObject;
  readonly keepMissing: boolean;
  readonly replaceSource: boolean;
}

/** Sources of a version, and the claim of the run that changes it; both are stored in its scraper options. */
export class VersionOrigin implements ClaimStore {
  readonly #documents: DocumentStore;
  readonly #versionId: VersionId;
  readonly #before: StoredScraperOptions | null;
  readonly #source: KnownSource;
  #now: StoredScraperOptions;
  #run: JsonObject | null = null;
  #tooLarge: unknown;

  private constructor(
    documents: DocumentStore,
    versionId: VersionId,
    before: StoredScraperOptions | null,
    { sourceUrl, scraperOptions }: NewOrigin,
  ) {
    const { baseUrl } = scraperOptions;
    this.#documents = documents;
    this.#versionId = versionId;
    this.#before = before;
    this.#source = identifySource(sourceUrl, typeof baseUrl === 'string' ? baseUrl : undefined);
    this.#now = before ?? { sourceUrl, options: {} };
    this.#tooLarge = before?.options.tooLarge;
  }

  static async read(
    documents: DocumentStore,
    versionId: VersionId,
    origin: NewOrigin,
  ): Promise<VersionOrigin> {
    return new VersionOrigin(documents, versionId, await documents.scraperOptions(versionId), origin);
  }

  read(options?: CallOptions): Promise<StoredScraperOptions | null> {
    return this.#documents.scraperOptions(this.#versionId, options);
  }

  write(run: JsonObject | null): Promise<void> {
    this.#run = run;
    return this.#store();
  }

  /** Chunks that were too large for a model in earlier runs. */
  tooLarge(model: string): readonly TooLargePage[] {
    return readTooLarge(this.#tooLarge, model);
  }

  /** Records chunks that are too large for the model, so that they are not tried again while they are unchanged. */
  recordTooLarge(pages: readonly TooLargePage[], model: string): Promise<void> {
    this.#tooLarge = toRecord(pages, model) ?? undefined;
    return this.#store();
  }

  /**
   * Decides whether pages missing from the source are deleted, and records the source before anything is written: after
   * an interruption, the next run must neither delete pages of this source nor keep pages it was told to replace.
   *
   * @returns The other sources for which pages are kept.
   */
  async recordSource(
    plan: IndexPlan,
    stored: readonly PageRecord[],
    { sourceUrl, scraperOptions, keepMissing, replaceSource }: NewOrigin,
  ): Promise<{ readonly deletes: boolean; readonly others: readonly string[] }> {
    const recorded = knownSources(this.#before);
    const known = recorded.length === 0 && stored.length > 0 ? [UNKNOWN] : recorded;
    const { vanished } = plan;
    const isSame =
      stored.length === 0 || mayDeleteVanished({ source: this.#source, known, stored, vanished });
    if (isSame || replaceSource) {
      this.#now = { sourceUrl, options: { ...scraperOptions, sources: [{ ...this.#source }] } };
    } else {
      // An edited page of a folder is not a source of its own: the folder still contains it.
      const sources = plan.added === 0 ? known : merge(known, this.#source);
      const before = this.#before ?? { sourceUrl, options: scraperOptions };
      this.#now = { ...before, options: { ...before.options, sources: sources.map((one) => ({ ...one })) } };
    }
    await this.#store();
    const deletes = (isSame || replaceSource) && !keepMissing;
    const isKept = !isSame && !replaceSource && vanished.length > 0;
    const others = known.filter(({ url }) => url !== this.#source.url).map(describe);
    return { deletes, others: isKept ? (others.length === 0 ? known.map(describe) : others) : [] };
  }

  #store(): Promise<void> {
    const { run: _, tooLarge: __, ...options } = this.#now.options;
    const tooLarge = this.#tooLarge === undefined ? {} : { tooLarge: this.#tooLarge as JsonObject };
    const run = this.#run === null ? {} : { run: this.#run };
    const all = { ...options, ...tooLarge, ...run };
    return this.#documents.setScraperOptions(this.#versionId, this.#now.sourceUrl, all);
  }
}

function merge(known: readonly KnownSource[], source: KnownSource): readonly KnownSource[] {
  const isKnown = known.some(({ identity, url }) => identity === source.identity && url === source.url);
  return isKnown ? known : [...known, source];
}

function describe({ identity, url }: KnownSource): string {
  return url === '' || url === identity || url.startsWith(`${identity}@`) ? identity : `${identity} (${url})`;
}
