import type { PageSnapshot } from '../values/records.js';

const PAGES_PER_BATCH = 20;
/** Number of chunks that take about ten milliseconds to read, decode and compare. */
const CHUNKS_PER_BATCH = 256;

/** Number of pages per read. Reduced for long pages, so that reading does not block the event loop. */
export class BatchSize {
  readonly #max: number;
  /** Number of pages for the next read. */
  limit: number;

  /** @param max Maximum number of pages. Default 20. */
  constructor(max: number = PAGES_PER_BATCH) {
    this.#max = max;
    this.limit = max;
  }

  /** Adapts the limit to the pages that were just read. */
  adapt(pages: readonly PageSnapshot[]): void {
    const chunks = pages.reduce((sum, page) => sum + page.chunks.length, 0);
    if (chunks > CHUNKS_PER_BATCH) this.limit = Math.max(1, this.limit >> 1);
    else if (chunks < CHUNKS_PER_BATCH / 2) this.limit = Math.min(this.#max, this.limit * 2);
  }
}
