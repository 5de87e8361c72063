import type { Block } from './blocks.js';

/** A heading above a chunk. */
export interface Heading {
  readonly depth: number;
  readonly text: string;
}

/** A heading with the blocks under it, up to the next heading; the first section may have no heading. */
export interface Section {
  /** The headings above its blocks; its own heading is last. */
  readonly path: readonly Heading[];
  /** The blocks; its own heading is first. */
  readonly blocks: readonly Block[];
  /** True if it contains only its heading and is followed by subsections. */
  readonly structural: boolean;
}

/** Splits a page at its headings. */
export function toSections(blocks: readonly Block[]): Section[] {
  const sections: { path: Heading[]; blocks: Block[]; depth: number }[] = [];
  for (const block of blocks) {
    const last = sections.at(-1);
    if (block.heading === null) {
      if (last === undefined) sections.push({ path: [], blocks: [block], depth: 0 });
      else last.blocks.push(block);
    } else {
      const { depth, text } = block.heading;
      const above = (last?.path ?? []).filter((heading) => heading.depth < depth);
      sections.push({ path: text === '' ? above : [...above, { depth, text }], blocks: [block], depth });
    }
  }
  return sections.map(({ path, blocks: own, depth }, index) => ({
    path,
    blocks: own,
    structural: depth > 0 && own.length === 1 && (sections[index + 1]?.depth ?? 0) > depth,
  }));
}
