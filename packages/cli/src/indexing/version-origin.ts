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
import {
  identifySource,
  type KnownSource,
  knownSources,
  mayDeleteVanished,
  selectionOf,
} from './source-identity.js';
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

/** Decision on pages that the source does not have. */
export interface VanishedDecision {
  readonly deletes: boolean;
  /** Other sources for which the pages are kept. */
  readonly others: readonly string[];
  /** True if the version is from now on made from this source alone. */
  readonly replaces: boolean;
  /** Sources of the version before. */
  readonly known: readonly KnownSource[];
}

/**
 * Decides whether pages missing from the source are deleted.
 *
 * @param before Scraper options of the version; null for a new one.
 */
export function decideOnVanished(
  before: StoredScraperOptions | null,
  { vanished }: IndexPlan,
  stored: readonly PageRecord[],
  origin: NewOrigin,
): VanishedDecision {
  const source = sourceOf(origin);
  const recorded = knownSources(before);
  const known = recorded.length === 0 && stored.length > 0 ? [UNKNOWN] : recorded;
  const isSame = stored.length === 0 || mayDeleteVanished({ source, known, stored, vanished });
  const replaces = isSame || origin.replaceSource;
  const isKept = !replaces && vanished.length > 0;
  const others = known.filter(({ url }) => url !== source.url).map(describe);
  return {
    deletes: replaces && !origin.keepMissing,
    others: isKept ? (others.length === 0 ? known.map(describe) : others) : [],
    replaces,
    known,
  };
}

function sourceOf({ sourceUrl, scraperOptions }: NewOrigin): KnownSource {
  const { baseUrl } = scraperOptions;
  const base = typeof baseUrl === 'string' ? baseUrl : undefined;
  return identifySource(sourceUrl, base, selectionOf(scraperOptions));
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
    origin: NewOrigin,
  ) {
    this.#documents = documents;
    this.#versionId = versionId;
    this.#before = before;
    this.#source = sourceOf(origin);
    this.#now = before ?? { sourceUrl: origin.sourceUrl, options: {} };
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
   * @returns The decision.
   */
  async recordSource(
    plan: IndexPlan,
    stored: readonly PageRecord[],
    origin: NewOrigin,
  ): Promise<VanishedDecision> {
    const decision = decideOnVanished(this.#before, plan, stored, origin);
    const { sourceUrl, scraperOptions } = origin;
    if (decision.replaces) {
      this.#now = { sourceUrl, options: { ...scraperOptions, sources: [{ ...this.#source }] } };
    } else {
      // An edited page of a folder is not a source of its own: the folder still contains it.
      const sources = plan.added === 0 ? decision.known : merge(decision.known, this.#source);
      const before = this.#before ?? { sourceUrl, options: scraperOptions };
      this.#now = { ...before, options: { ...before.options, sources: sources.map((one) => ({ ...one })) } };
    }
    await this.#store();
    return decision;
  }

  #store(): Promise<void> {
    const { run: _, tooLarge: __, ...options } = this.#now.options;
    const tooLarge = this.#tooLarge === undefined ? {} : { tooLarge: this.#tooLarge as JsonObject };
    const run = this.#run === null ? {} : { run: this.#run };
    const all = { ...options, ...tooLarge, ...run };
    return this.#documents.setScraperOptions(this.#versionId, this.#now.sourceUrl, all);
  }
}

/** Globs select a part of a source that is known as a whole. */
function merge(known: readonly KnownSource[], source: KnownSource): readonly KnownSource[] {
  const isKnown = known.some(
    ({ identity, url, selection }) =>
      identity === source.identity &&
      url === source.url &&
      (selection === undefined || selection === source.selection),
  );
  return isKnown ? known : [...known, source];
}

function describe({ identity, url }: KnownSource): string {
  return url === '' || url === identity || url.startsWith(`${identity}@`) ? identity : `${identity} (${url})`;
}
