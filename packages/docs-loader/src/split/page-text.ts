import type { Region } from './regions.js';
import { contentSpan, type Span } from './span.js';

/** The text of a page, and what a stretch of it becomes as a chunk. */
export class PageText {
  readonly text: string;
  readonly #regions: readonly Region[];

  /** @param regions In their order, none inside another. */
  constructor(text: string, regions: readonly Region[] = []) {
    this.text = text;
    this.#regions = regions;
  }

  /** The content of a chunk: the stretch without blank space around it, fences and heads of tables made whole. */
  contentOf(span: Span): string {
    const { start, end } = contentSpan(this.text, span);
    if (start === end) return '';
    return this.headAt(span.start) + this.text.slice(start, end) + this.tailAt(span.end);
  }

  /** The length of {@link contentOf}. */
  sizeOf(span: Span): number {
    const { start, end } = contentSpan(this.text, span);
    return start === end ? 0 : end - start + this.addedAt(span);
  }

  /** How much of the content of a stretch is repeated from elsewhere. */
  addedAt({ start, end }: Span): number {
    return this.headAt(start).length + this.tailAt(end).length;
  }

  /** What stands before a chunk that starts here. */
  headAt(start: number): string {
    const region = this.#lastBefore(start + 1);
    return region !== undefined && region.bodyStart <= start && start < region.end ? region.head : '';
  }

  /** What stands behind a chunk that ends here. */
  tailAt(end: number): string {
    const region = this.#lastBefore(end);
    if (region === undefined || end < region.bodyStart) return '';
    const isOpen = region.bodyEnd === region.end;
    return end < region.end || (isOpen && end === region.end) ? region.tail : '';
  }

  /** Whether a cut here would go through a region. */
  isInside(place: number): boolean {
    const region = this.#lastBefore(place);
    return region !== undefined && place < region.end;
  }

  /** The region that the content of a stretch lies in. */
  regionOf(span: Span): Region | undefined {
    const { start, end } = contentSpan(this.text, span);
    const region = this.#lastBefore(start + 1);
    return region !== undefined && end <= region.end && start < end ? region : undefined;
  }

  /** Where the regions within a stretch start and end. */
  edges({ start, end }: Span): number[] {
    const edges: number[] = [];
    for (let index = this.#countBefore(start); index < this.#regions.length; index++) {
      const region = this.#regions[index];
      if (region === undefined || region.start >= end) break;
      edges.push(region.start, region.end);
    }
    return edges;
  }

  #lastBefore(place: number): Region | undefined {
    return this.#regions[this.#countBefore(place) - 1];
  }

  /** The number of regions that start before a place. */
  #countBefore(place: number): number {
    let low = 0;
    let high = this.#regions.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#regions[middle]?.start ?? place) < place) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
