import type { ChunkSizes } from './sizes.js';
import { type SplitPage, splitMarkdown, splitText } from './split-markdown.js';

/** Whether a file holds plain text rather than Markdown. */
export function isPlainText(path: string): boolean {
  return /\.txt$/i.test(path);
}

/** Cuts the text of a file as its name says. */
export function splitFile(path: string, text: string, sizes: ChunkSizes | undefined): SplitPage {
  return isPlainText(path) ? splitText(text, sizes) : splitMarkdown(text, sizes);
}
