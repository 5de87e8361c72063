import type { ChunkMetadata } from '@switchyard/storage-core';
import { type Block, parseBlocks } from './blocks.js';
import { cut } from './cut.js';
import { type FrontMatter, takeFrontMatter } from './front-matter/front-matter.js';
import { PageText } from './page-text.js';
import { mergeSmall, type Piece, sectionToPieces } from './pieces.js';
import { toSections } from './sections.js';
import { type ChunkSizes, toFullSizes } from './sizes.js';

/** A page cut into chunks. */
export interface SplitPage {
  /** Null when the page has none; a file then goes by its name. */
  readonly title: string | null;
  /** What stood between its fences at the beginning of the page; null when the page has none. */
  readonly frontMatter: FrontMatter | null;
  readonly chunks: readonly { readonly content: string; readonly metadata: ChunkMetadata }[];
}

/**
 * Cuts a Markdown page into chunks by its headings. Their contents are stretches of the page as it is written: leaving
 * out front matter and blank space, they are the page. Where fenced code is too long for one chunk, every part has the
 * fences of the whole, with the language; every part of a long table has its head. `metadata.path` holds the headings
 * above a chunk, `metadata.level` the depth of the last of them (0 without), `metadata.types` what it is made of:
 * `heading`, `text`, `code`, `list`, `table`, `blockquote`, `html`. A heading that has only other headings under it
 * becomes a chunk of the types `heading` and `structural`: it keeps its place above them, and searches leave it out.
 *
 * The title is that of the front matter, else the first heading of depth 1, else a heading that the page begins with.
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
  // As small as preferred even where the whole is within the maximum: a text has no block that must stay together.
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
  // Pages that begin with a picture or a banner in HTML begin all the same with the heading that follows.
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
