/** A page of documentation, as stored by the benchmarks. */
export interface CorpusPage {
  readonly url: string;
  readonly title: string;
  readonly chunks: readonly CorpusChunk[];
}

/** One chunk of a page. */
export interface CorpusChunk {
  readonly content: string;
  readonly metadata: {
    readonly types: readonly string[];
    readonly level: number;
    readonly path: readonly string[];
  };
}

export function countChunks(pages: readonly CorpusPage[]): number {
  return pages.reduce((sum, page) => sum + page.chunks.length, 0);
}
