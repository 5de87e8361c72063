import type { Region } from './regions.js';
import { contentSpan, type Span } from './span.js';

/** The text of a page; converts spans of it to chunk contents. */
export class PageText {
  readonly text: string;
  readonly #regions: readonly Region[];

  /** @param regions Regions in order, not nested. */
  constructor(text: string, regions: readonly Region[] = []) {
    this.text = text;
    this.#regions = regions;
  }

  /** Returns the content of a chunk: the trimmed span, with fences and table headers completed. */
  contentOf(span: Span): string {
    const { start, end } = contentSpan(this.text, span);
    if (start === end) return '';
    return this.headAt(span.start) + this.text.slice(start, end) + this.tailAt(span.end);
  }

  /** Returns the length of {@link contentOf}. */
  sizeOf(span: Span): number {
    const { start, end } = contentSpan(this.text, span);
    return start === end ? 0 : end - start + this.addedAt(span);
  }

  /** Returns the number of characters in the content of a span that are repeated from elsewhere. */
  addedAt({ start, end }: Span): number {
    return this.headAt(start).length + this.tailAt(end).length;
  }

  /** Returns the text prepended to a chunk that starts here. */
  headAt(start: number): string {
    const region = this.#lastBefore(start + 1);
    return region !== undefined && region.bodyStart <= start && start < region.end ? region.head : '';
  }

  /** Returns the text appended to a chunk that ends here. */
  tailAt(end: number): string {
    const region = this.#lastBefore(end);
    if (region === undefined || end < region.bodyStart) return '';
    const isOpen = region.bodyEnd === region.end;
    return end < region.end || (isOpen && end === region.end) ? region.tail : '';
  }

  /** Returns whether a split here would be inside a region. */
  isInside(place: number): boolean {
    const region = this.#lastBefore(place);
    return region !== undefined && place < region.end;
  }

  /** Returns the region that contains the content of a span. */
  regionOf(span: Span): Region | undefined {
    const { start, end } = contentSpan(this.text, span);
    const region = this.#lastBefore(start + 1);
    return region !== undefined && end <= region.end && start < end ? region : undefined;
  }

  /** Returns the start and end offsets of the regions within a span. */
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

  /** Returns the number of regions that start before an offset. */
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
