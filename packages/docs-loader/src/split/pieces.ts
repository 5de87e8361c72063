import type { Block } from './blocks.js';
import { cut } from './cut.js';
import type { PageText } from './page-text.js';
import type { Heading, Section } from './sections.js';
import type { FullChunkSizes } from './sizes.js';
import type { Span } from './span.js';

/** A span of the page that becomes a chunk. The pieces of a page cover it completely. */
export interface Piece extends Span {
  readonly types: readonly string[];
  readonly path: readonly Heading[];
}

/** Splits a section into pieces by collecting its blocks up to the preferred size. */
export function sectionToPieces(page: PageText, section: Section, sizes: FullChunkSizes): Piece[] {
  const { path, structural } = section;
  const pieces: Piece[] = [];
  let onlyHeading = false;
  for (const unit of section.blocks.flatMap((block, index) => cutBlock(page, block, index, section, sizes))) {
    const last = pieces.at(-1);
    const joined = last === undefined ? unit : { start: last.start, end: unit.end };
    const size = page.sizeOf(joined);
    // A heading stays with the text that follows it.
    if (last !== undefined && size <= (onlyHeading ? sizes.max : sizes.preferred)) {
      pieces[pieces.length - 1] = { ...joined, path, types: union(last.types, unit.types) };
      onlyHeading = false;
    } else {
      onlyHeading = last === undefined && unit.types.includes('heading');
      pieces.push({ ...unit, path });
    }
  }
  const first = pieces[0];
  if (structural && first !== undefined && pieces.length === 1) {
    return [{ ...first, types: ['heading', 'structural'] }];
  }
  return pieces;
}

function cutBlock(
  page: PageText,
  block: Block,
  index: number,
  { blocks }: Section,
  { preferred, max }: FullChunkSizes,
): (Span & { readonly types: readonly string[] })[] {
  const types = block.type === null ? [] : [block.type];
  const kind = block.type === 'text' || block.type === 'heading' ? 'prose' : 'lines';
  // The first part of a block after a heading leaves room for the heading.
  const before = index === 1 ? blocks[0] : undefined;
  const room = before?.type === 'heading' ? Math.min(page.sizeOf(before) + 2, max / 2) : 0;
  const most = Math.floor(max - room);
  return cut(page, block, kind, block.parts, Math.min(preferred, most), most).map((span) => ({
    ...span,
    types,
  }));
}

/**
 * Merges pieces that are too small with a neighbor from the same section, the section above, or a sibling section under
 * the same heading. The merged path is the common prefix of both paths; a piece before the first heading takes the path
 * of the next one.
 */
export function mergeSmall(page: PageText, pieces: readonly Piece[], sizes: FullChunkSizes): Piece[] {
  const merged: Piece[] = [];
  for (const piece of pieces) {
    const last = merged.at(-1);
    if (last !== undefined && mayMerge(page, last, piece, sizes)) {
      merged[merged.length - 1] = {
        start: last.start,
        end: piece.end,
        types: union(last.types, piece.types),
        path: commonPath(last, piece),
      };
    } else {
      merged.push(piece);
    }
  }
  return merged;
}

function mayMerge(page: PageText, a: Piece, b: Piece, { min, preferred, max }: FullChunkSizes): boolean {
  if (a.types.includes('structural') || b.types.includes('structural')) return false;
  if (page.sizeOf(a) >= min && page.sizeOf(b) >= min) return false;
  const common = commonLength(a, b);
  const sameSection = common === a.path.length && common === b.path.length;
  const related = common > 0 || a.path.length === 0 || b.path.length === 0;
  return related && page.sizeOf({ start: a.start, end: b.end }) <= (sameSection ? max : preferred);
}

function commonPath(a: Piece, b: Piece): readonly Heading[] {
  const common = commonLength(a, b);
  if (common > 0) return a.path.slice(0, common);
  return a.path.length === 0 ? b.path : a.path;
}

function commonLength(a: Piece, b: Piece): number {
  let length = 0;
  while (
    length < a.path.length &&
    a.path[length]?.text === b.path[length]?.text &&
    a.path[length]?.depth === b.path[length]?.depth
  ) {
    length++;
  }
  return length;
}

function union(a: readonly string[], b: readonly string[]): string[] {
  return [...new Set([...a, ...b])];
}
