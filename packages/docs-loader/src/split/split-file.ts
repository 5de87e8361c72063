import type { ChunkSizes } from './sizes.js';
import { type SplitPage, splitMarkdown, splitText } from './split-markdown.js';

/** Returns whether a file is plain text rather than Markdown. */
export function isPlainText(path: string): boolean {
  return /\.txt$/i.test(path);
}

/** Splits the text of a file according to its extension. */
export function splitFile(path: string, text: string, sizes: ChunkSizes | undefined): SplitPage {
  return isPlainText(path) ? splitText(text, sizes) : splitMarkdown(text, sizes);
}
