import type { Progress } from '../harness/progress.js';
import { createRandom } from '../harness/random.js';
import { embedOnce } from './embeddings.js';
import { readSources } from './sources.js';
import { embedWords, makeSyntheticPages } from './synthetic.js';
import type { CorpusChunk, CorpusPage } from './types.js';

/** Chunks per written page, the average of documentation pages. */
export const CHUNKS_A_PAGE = 7;

const SEED = 20_250;

interface PlacedChunk {
  readonly page: CorpusPage;
  readonly chunk: CorpusChunk;
}

/** Embeds texts as vectors of `REAL_DIMENSION` components and length 1. */
type Embed = (texts: readonly string[], progress: Progress) => Promise<readonly Float32Array[]>;

/** Documentation, split into pages of seven chunks, in a fixed random order. */
export class Corpus {
  readonly #chunks: readonly PlacedChunk[];
  readonly pages: readonly CorpusPage[];
  readonly embed: Embed;

  private constructor(sources: readonly CorpusPage[], embed: Embed) {
    this.embed = embed;
    this.pages = shuffle(sources.flatMap(cut));
    this.#chunks = this.pages.flatMap((page) => page.chunks.map((chunk) => ({ page, chunk })));
  }

  /** Loads the installed documentation, embedded with the offline model. */
  static async load(progress: Progress): Promise<Corpus> {
    return new Corpus(await readSources(progress), embedOnce);
  }

  /**
   * Generates synthetic documentation, without installing or embedding anything: for testing the benchmarks themselves.
   */
  static synthetic(pages?: number): Corpus {
    return new Corpus(makeSyntheticPages(pages), async (texts) => embedWords(texts));
  }

  /** Number of chunks without recombination. */
  get size(): number {
    return this.#chunks.length;
  }

  /**
   * Returns pages with exactly this many chunks. Beyond the real ones, pages are recombined: a chunk is the first half
   * of the lines of one real chunk and the second half of another, so that words keep their frequencies and no two are
   * equal.
   *
   * @param from Number of chunks of the corpus to skip, for texts that are not in the rest.
   */
  take(count: number, from = 0): CorpusPage[] {
    const taken: CorpusPage[] = [];
    const all = from + count;
    let seen = 0;
    for (let index = 0; seen < all; index++) {
      const page = this.pages[index] ?? this.#recombined(index);
      const start = Math.max(0, from - seen);
      const end = Math.min(page.chunks.length, all - seen);
      seen += page.chunks.length;
      if (end > start) taken.push({ ...page, chunks: page.chunks.slice(start, end) });
    }
    return taken;
  }

  /** Returns full pages from an offset in chunks: for measuring page writes. */
  takeFull(pages: number, from: number): CorpusPage[] {
    const full: CorpusPage[] = [];
    for (let index = 0, seen = 0; full.length < pages; index++) {
      const page = this.pages[index] ?? this.#recombined(index);
      if (seen >= from && page.chunks.length === CHUNKS_A_PAGE) full.push(page);
      seen += page.chunks.length;
    }
    return full;
  }

  #recombined(index: number): CorpusPage {
    const random = createRandom(SEED + index);
    const pick = () => this.#chunks[random.below(this.#chunks.length)] as PlacedChunk;
    const base = pick().page;
    const chunks = Array.from({ length: CHUNKS_A_PAGE }, () => {
      const { chunk } = pick();
      const first = chunk.content.split('\n');
      const second = pick().chunk.content.split('\n');
      const content = [
        ...first.slice(0, Math.ceil(first.length / 2)),
        ...second.slice(Math.floor(second.length / 2)),
      ];
      return { content: content.join('\n'), metadata: chunk.metadata };
    });
    return { url: `${base.url}?recombined=${index}`, title: base.title, chunks };
  }
}

function cut(page: CorpusPage): CorpusPage[] {
  const parts: CorpusPage[] = [];
  for (let start = 0; start < page.chunks.length; start += CHUNKS_A_PAGE) {
    const url = start === 0 ? page.url : `${page.url}#${start}`;
    parts.push({ url, title: page.title, chunks: page.chunks.slice(start, start + CHUNKS_A_PAGE) });
  }
  return parts;
}

function shuffle<T>(list: readonly T[]): T[] {
  const random = createRandom(SEED);
  const shuffled = [...list];
  for (let last = shuffled.length - 1; last > 0; last--) {
    const other = random.below(last + 1);
    [shuffled[last], shuffled[other]] = [shuffled[other] as T, shuffled[last] as T];
  }
  return shuffled;
}
