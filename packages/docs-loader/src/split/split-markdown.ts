import type { ChunkMetadata } from '@switchyard/storage-core';
import { type Block, parseBlocks } from './blocks.js';
import { cut } from './cut.js';
import { type FrontMatter, takeFrontMatter } from './front-matter/front-matter.js';
import { PageText } from './page-text.js';
import { mergeSmall, type Piece, sectionToPieces } from './pieces.js';
import { toSections } from './sections.js';
import { type ChunkSizes, toFullSizes } from './sizes.js';

/** A page split into chunks. */
export interface SplitPage {
  /** Title of the page; null if it has none, in which case a file uses its name. */
  readonly title: string | null;
  /** Front matter of the page; null if it has none. */
  readonly frontMatter: FrontMatter | null;
  readonly chunks: readonly { readonly content: string; readonly metadata: ChunkMetadata }[];
}

/**
 * Splits a Markdown page into chunks by heading. Chunk contents are verbatim spans of the page that cover everything
 * except front matter and whitespace. If fenced code is too long for one chunk, every part repeats the fences and the
 * language; every part of a long table repeats the header. `metadata.path` lists the headings above a chunk,
 * `metadata.level` is the depth of the last one (0 without headings), and `metadata.types` lists its block types:
 * `heading`, `text`, `code`, `list`, `table`, `blockquote`, `html`. A heading followed only by other headings becomes a
 * chunk of types `heading` and `structural`: it remains their parent, and searches exclude it.
 *
 * The title comes from the front matter, else from the first heading of depth 1, else from a heading at the beginning.
 *
 * @example
 * ```ts
 * const { title, chunks } = splitMarkdown('# Routes\n\nDeclare a route.');
 * await store.addPage('fastify', '5.0', { url: 'https://fastify.dev/docs/routes', title, chunks });
 * ```
 */
export function splitMarkdown(markdown: string, sizes?: ChunkSizes): SplitPage {
  const full = toFullSizes(sizes);
  const { text, title, frontMatter } = takeFrontMatter(withoutBom(markdown));
  const { blocks, regions } = parseBlocks(text, full);
  const page = new PageText(text, regions);
  const pieces = toSections(blocks).flatMap((section) => sectionToPieces(page, section, full));
  return {
    title: title ?? titleOf(blocks),
    frontMatter,
    chunks: toChunks(page, mergeSmall(page, pieces, full)),
  };
}

/**
 * Splits plain text into chunks, between paragraphs where possible. See {@link splitMarkdown}.
 *
 * @example
 * ```ts
 * const { chunks } = splitText('First paragraph.\n\nSecond paragraph.');
 * ```
 */
export function splitText(text: string, sizes?: ChunkSizes): SplitPage {
  const full = toFullSizes(sizes);
  const page = new PageText(withoutBom(text));
  // The preferred size is also the maximum here: plain text has no blocks that must stay together.
  const whole = { start: 0, end: page.text.length };
  const spans = cut(page, whole, 'prose', [], full.preferred, full.preferred);
  const pieces = spans.map((span) => ({ ...span, types: ['text'], path: [] }));
  return { title: null, frontMatter: null, chunks: toChunks(page, mergeSmall(page, pieces, full)) };
}

function withoutBom(text: string): string {
  return text.startsWith('\ufeff') ? text.slice(1) : text;
}

function titleOf(blocks: readonly Block[]): string | null {
  const headings = blocks.flatMap(({ heading }) => heading ?? []);
  const top = headings.find(({ depth, text }) => depth === 1 && text !== '')?.text;
  // A heading still counts as the beginning after an HTML image or banner.
  const first = blocks.find(({ type }) => type !== 'html')?.heading?.text;
  return top ?? (first === undefined || first === '' ? null : first);
}

function toChunks(page: PageText, pieces: readonly Piece[]): SplitPage['chunks'] {
  return pieces
    .map((piece) => ({
      content: page.contentOf(piece),
      metadata: {
        types: piece.types.length === 0 ? ['text'] : piece.types,
        level: piece.path.at(-1)?.depth ?? 0,
        path: piece.path.map((heading) => heading.text),
      },
    }))
    .filter(({ content }) => content.trim() !== '');
}
