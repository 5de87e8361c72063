import { findDamagedRows } from '../check/sound-rows.js';
import { BatchSize } from '../copy/batch-size.js';
import type { StorageBackend } from '../ports/backend.js';
import type { CallOptions } from '../ports/call-options.js';
import { checkBackend } from '../runtime/check-capabilities.js';
import { nextTurn } from '../runtime/event-loop.js';
import { lastKey } from '../runtime/key-order.js';
import type { JsonValue } from '../values/json.js';
import type { EmbeddingProfile } from '../values/profile.js';
import type { PageSnapshot, VersionOverview, VersionRecord } from '../values/records.js';
import { comparePages, differs } from './compare-page.js';
import { libraryColumns, paired, versionColumns } from './compared.js';
import { sameJson } from './digest.js';
import { comparedAnswers, members, type Ranking, rank, type SampleSearch, searchFor } from './searches.js';
import { storeDigest, Tally } from './tally.js';
import type {
  StoreDifference,
  VerifiedVersion,
  VerifyOptions,
  VerifyResult,
  VersionTotals,
} from './types.js';

/**
 * Compares two stores through the ports, page by page, in little memory: counts, ids, texts, metadata and vector bytes
 * of everything, and the rankings of a sample of searches. Where one of the stores ranks full text in its own way, the
 * nearest chunks and the sets of matching chunks are compared instead.
 *
 * @throws TypeError for invalid options; errors of the backends. Differences are not errors: see {@link VerifyResult}.
 *
 * @example
 * ```ts
 * const { equal, differences } = await verifyStores(source, target, { deep: true });
 * if (!equal) for (const { place, detail } of differences) console.log(place, detail);
 * ```
 */
export async function verifyStores(
  a: StorageBackend,
  b: StorageBackend,
  options: VerifyOptions = {},
): Promise<VerifyResult> {
  checkBackend(a, 'a');
  checkBackend(b, 'b');
  return new Verification(a, b, options).run();
}

class Verification {
  readonly #a: StorageBackend;
  readonly #b: StorageBackend;
  readonly #options: VerifyOptions;
  readonly #call: CallOptions;
  readonly #deep: boolean;
  readonly #differences: StoreDifference[] = [];
  readonly #samples: SampleSearch[] = [];
  #differenceCount = 0;
  /** Half of the chunks of either store, so that chunks in only one of them do not exceed the total. */
  #chunks = 0;
  #totalChunks = 0;
  /** True if distances in the two stores are comparable. */
  #sameSpace = false;

  constructor(a: StorageBackend, b: StorageBackend, options: VerifyOptions) {
    this.#a = a;
    this.#b = b;
    this.#options = options;
    this.#call = { signal: options.signal, deadline: options.deadline };
    this.#deep = options.deep ?? false;
  }

  async run(): Promise<VerifyResult> {
    if (this.#options.unchecked !== true) await this.#findDamage();
    const profiles = await this.#compareProfiles();
    await this.#compareLibraries();
    const [inA, inB] = [
      await this.#a.catalog.overview(this.#call),
      await this.#b.catalog.overview(this.#call),
    ];
    this.#totalChunks = (sum(inA) + sum(inB)) / 2;
    const versions: VerifiedVersion[] = [];
    for (const [one, other] of paired(inA, inB)) versions.push(await this.#compareVersion(one, other));
    const searches = await this.#compareSearches();
    const disagreeing = await this.#countDisagreeing();
    if (this.#deep) await this.#audit();
    return {
      equal: this.#differenceCount === 0,
      deep: this.#deep,
      versions,
      profiles,
      digests: { a: storeDigest(versions, 'a'), b: storeDigest(versions, 'b') },
      searches,
      disagreeing,
      differences: this.#differences,
      differenceCount: this.#differenceCount,
    };
  }

  #add(difference: StoreDifference): void {
    this.#differenceCount += 1;
    if (this.#differences.length < (this.#options.maxDifferences ?? 20)) this.#differences.push(difference);
  }

  async #findDamage(): Promise<void> {
    for (const [which, backend] of [
      ['first', this.#a],
      ['second', this.#b],
    ] as const) {
      // A store is also compared with itself, to read all of it. The check reads all rows as well, in a process of its own.
      if (which === 'second' && backend === this.#a) return;
      for (const { detail, examples } of await findDamagedRows(backend, this.#call)) {
        const example = examples[0] === undefined ? '' : ` (${examples[0]})`;
        const advice = 'It may hide rows; see `switchyard check STORE`.';
        const place = `${which} store`;
        this.#add({ kind: 'damage', version: '', place, detail: `${detail}${example} ${advice}` });
      }
    }
  }

  async #compareProfiles(): Promise<VerifyResult['profiles']> {
    const [a, b] = [await this.#a.vectors.profile(this.#call), await this.#b.vectors.profile(this.#call)];
    this.#sameSpace = a !== null && b !== null && a.dimension === b.dimension && a.metric === b.metric;
    const detail = differs('profile', describe(a), describe(b));
    if (describe(a) !== describe(b)) this.#add({ kind: 'profile', version: '', place: '', detail });
    return { a, b };
  }

  async #compareLibraries(): Promise<void> {
    const [inA, inB] = [
      await this.#a.catalog.libraries(this.#call),
      await this.#b.catalog.libraries(this.#call),
    ];
    const others = new Map(inB.map((library) => [library.id, library]));
    for (const library of inA) {
      const other = others.get(library.id);
      others.delete(library.id);
      const place = library.name;
      if (other === undefined) {
        this.#add({ kind: 'library', version: '', place, detail: 'only in the first store' });
        continue;
      }
      for (const column of libraryColumns(this.#deep)) {
        if (library[column] === other[column]) continue;
        const detail = differs(column, library[column], other[column]);
        this.#add({ kind: 'library', version: '', place, detail });
      }
    }
    for (const { name: place } of others.values()) {
      this.#add({ kind: 'library', version: '', place, detail: 'only in the second store' });
    }
  }

  async #compareVersion(a: VersionOverview | null, b: VersionOverview | null): Promise<VerifiedVersion> {
    const { version: record } = (a ?? b) as VersionOverview;
    const { library, name: version } = record;
    const title = version === '' ? library : `${library}@${version}`;
    const before = this.#differenceCount;
    if (a === null || b === null) {
      const detail = a === null ? 'only in the second store' : 'only in the first store';
      this.#add({ kind: 'version', version: title, place: title, detail });
    } else {
      for (const column of versionColumns(this.#deep)) {
        const [one, other] = [a.version[column] as JsonValue, b.version[column] as JsonValue];
        if (sameJson(one, other)) continue;
        const detail = differs(column, JSON.stringify(one), JSON.stringify(other));
        this.#add({ kind: 'version', version: title, place: title, detail });
      }
      if (a.chunks !== b.chunks) {
        this.#add({
          kind: 'count',
          version: title,
          place: title,
          detail: differs('chunks', a.chunks, b.chunks),
        });
      }
      if (a.urls !== b.urls) {
        this.#add({ kind: 'count', version: title, place: title, detail: differs('pages', a.urls, b.urls) });
      }
    }
    const totals = await this.#comparePages(a?.version ?? null, b?.version ?? null, title);
    return { library, version, equal: this.#differenceCount === before, ...totals };
  }

  /** Walks through the pages of both stores in step. */
  async #comparePages(
    a: VersionRecord | null,
    b: VersionRecord | null,
    title: string,
  ): Promise<{ a: VersionTotals | null; b: VersionTotals | null }> {
    const [tallyA, tallyB] = [new Tally(), new Tally()];
    const [streamA, streamB] = [this.#pages(this.#a, a), this.#pages(this.#b, b)];
    const { library, name: version } = (a ?? b) as VersionRecord;
    let [one, other] = [await next(streamA), await next(streamB)];
    while (one !== null || other !== null) {
      const [idA, idB] = [
        one?.page.id ?? Number.POSITIVE_INFINITY,
        other?.page.id ?? Number.POSITIVE_INFINITY,
      ];
      const isHereA = one !== null && idA <= idB;
      const isHereB = other !== null && idB <= idA;
      if (isHereA && isHereB) {
        this.#comparePage(one as PageSnapshot, other as PageSnapshot, [tallyA, tallyB], title);
      } else if (isHereA) tallyA.add(one as PageSnapshot);
      else tallyB.add(other as PageSnapshot);
      if (!(isHereA && isHereB) && a !== null && b !== null) {
        const page = ((isHereA ? one : other) as PageSnapshot).page;
        const detail = isHereA ? 'only in the first store' : 'only in the second store';
        this.#add({ kind: 'page', version: title, place: `page ${page.id} ${page.url}`, detail });
      }
      if (isHereA) this.#sample(one as PageSnapshot, { library, version });
      if (isHereA) this.#chunks += (one as PageSnapshot).chunks.length / 2;
      if (isHereB) this.#chunks += (other as PageSnapshot).chunks.length / 2;
      if (isHereA) one = await next(streamA);
      if (isHereB) other = await next(streamB);
      const [chunks, totalChunks] = [Math.round(this.#chunks), Math.round(this.#totalChunks)];
      this.#options.onProgress?.({ library, version, chunks, totalChunks });
    }
    return { a: a === null ? null : tallyA.totals(), b: b === null ? null : tallyB.totals() };
  }

  /** Compares everything that is part of a digest: without differences, the digest of one is that of the other. */
  #comparePage(
    a: PageSnapshot,
    b: PageSnapshot,
    [tallyA, tallyB]: readonly [Tally, Tally],
    version: string,
  ): void {
    const differences = comparePages(a, b, this.#deep);
    for (const difference of differences) this.#add({ ...difference, version });
    const digest = tallyA.add(a);
    tallyB.add(b, differences.length === 0 ? digest : undefined);
  }

  /** Spreads searches over the store: picks one whenever the next share of the chunks was seen. */
  #sample(page: PageSnapshot, version: { readonly library: string; readonly version: string }): void {
    const wanted = this.#options.searches ?? (this.#deep ? 50 : 10);
    if (this.#samples.length >= wanted) return;
    if (this.#chunks * wanted < this.#samples.length * this.#totalChunks) return;
    const search = searchFor(page, version, this.#sameSpace);
    if (search !== null) this.#samples.push(search);
  }

  async #compareSearches(): Promise<VerifyResult['searches']> {
    let same = 0;
    for (const { search, one, other } of await this.#rankings()) {
      const at = firstDifference(one, other);
      if (at === -1) {
        same += 1;
        continue;
      }
      const { library, version, terms } = search;
      this.#add({
        kind: 'search',
        version: version === '' ? library : `${library}@${version}`,
        place: terms.join(' '),
        detail: differs(`place ${at + 1}`, one[at] ?? 'nothing', other[at] ?? 'nothing'),
      });
    }
    const compared = comparedAnswers(this.#a.capabilities, this.#b.capabilities);
    return { made: this.#samples.length, same, compared };
  }

  /** Runs the searches of a version together: a backend that reads all vectors for each may then read them once. */
  async #rankings(): Promise<readonly { search: SampleSearch; one: Ranking; other: Ranking }[]> {
    const rankings: { search: SampleSearch; one: Ranking; other: Ranking }[] = [];
    for (let from = 0; from < this.#samples.length; ) {
      const { library, version } = this.#samples[from] as SampleSearch;
      const isOther = (search: SampleSearch) => search.library !== library || search.version !== version;
      const end = this.#samples.findIndex((search, index) => index > from && isOther(search));
      const together = this.#samples.slice(from, end === -1 ? undefined : end);
      from += together.length;
      const compared = comparedAnswers(this.#a.capabilities, this.#b.capabilities);
      const answer = (backend: StorageBackend, search: SampleSearch) =>
        compared === 'rankings'
          ? rank(backend, search, this.#call)
          : members(backend, search, compared, this.#call);
      const ask = (backend: StorageBackend) => Promise.all(together.map((search) => answer(backend, search)));
      const [ones, others] = [await ask(this.#a), await ask(this.#b)];
      for (const [index, search] of together.entries())
        rankings.push({ search, one: ones[index] ?? [], other: others[index] ?? [] });
    }
    return rankings;
  }

  async #countDisagreeing(): Promise<VerifyResult['disagreeing']> {
    if (this.#options.countDisagreeing === false) return null;
    const [a, b] = [await this.#a.vectors.stats(this.#call), await this.#b.vectors.stats(this.#call)];
    return { a: a.disagreeing ?? 0, b: b.disagreeing ?? 0 };
  }

  async #audit(): Promise<void> {
    for (const [which, backend] of [
      ['first', this.#a],
      ['second', this.#b],
    ] as const) {
      const { vectorMaintenance, ftsMaintenance } = backend.capabilities;
      const reports = [
        ...(vectorMaintenance ? [await backend.vectors.audit(this.#call)] : []),
        ...(ftsMaintenance ? [await backend.fts.audit(this.#call)] : []),
      ];
      for (const { kind, chunkId, detail } of reports.flatMap(({ problems }) => problems)) {
        const place = `${which} store${chunkId === null ? '' : `, chunk ${chunkId}`}`;
        this.#add({ kind: 'audit', version: '', place, detail: `${kind}: ${detail}` });
      }
    }
  }

  async *#pages(backend: StorageBackend, version: VersionRecord | null): AsyncGenerator<PageSnapshot> {
    if (version === null) return;
    const batch = new BatchSize(this.#options.pagesPerBatch);
    for (let after = 0; ; ) {
      const { limit } = batch;
      const request = { version: { versionId: version.id }, after, limit };
      const pages = await backend.catalog.snapshot(request, this.#call);
      batch.adapt(pages);
      const last = lastKey(
        pages.map(({ page }) => page.id),
        after,
        'pages',
      );
      yield* pages;
      await nextTurn();
      if (pages.length < limit) return;
      after = last ?? after;
    }
  }
}

async function next(stream: AsyncGenerator<PageSnapshot>): Promise<PageSnapshot | null> {
  const { done, value } = await stream.next();
  return done === true ? null : value;
}

function firstDifference(a: readonly string[], b: readonly string[]): number {
  for (let i = 0; i < Math.max(a.length, b.length); i++) if (a[i] !== b[i]) return i;
  return -1;
}

function describe(profile: EmbeddingProfile | null): string {
  if (profile === null) return 'none';
  return `${profile.model ?? 'unknown model'}, ${profile.dimension} components, ${profile.metric}`;
}

function sum(overview: readonly VersionOverview[]): number {
  return overview.reduce((total, { chunks }) => total + chunks, 0);
}
