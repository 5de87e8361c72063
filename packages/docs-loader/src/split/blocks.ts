import type { Token } from 'markdown-it';
import { type Definitions, parseBlockTokens, plainText } from './markdown-parser.js';
import { findRegions, type Region } from './regions.js';
import type { FullChunkSizes } from './sizes.js';
import { lineStarts } from './span.js';

/** A block of a Markdown text. The blocks of a text cover it completely. */
export interface Block {
  /** Start offset, at the beginning of a line. A block ends where the next one starts. */
  readonly start: number;
  readonly end: number;
  /** Block type: `heading`, `text`, `code`, `list`, `table`, `blockquote` or `html`; null for a rule. */
  readonly type: string | null;
  /** Depth and text of a heading; null for other blocks. */
  readonly heading: { readonly depth: number; readonly text: string } | null;
  /** Start offsets of its parts: the items of a list, the blocks of a block quote. */
  readonly parts: readonly number[];
}

const types: Readonly<Record<string, string | null>> = {
  heading_open: 'heading',
  paragraph_open: 'text',
  fence: 'code',
  code_block: 'code',
  bullet_list_open: 'list',
  ordered_list_open: 'list',
  table_open: 'table',
  blockquote_open: 'blockquote',
  html_block: 'html',
  hr: null,
};

/** Parses CommonMark with GitHub tables into blocks. GitHub's other extensions add no relevant blocks. */
export function parseBlocks(
  markdown: string,
  sizes: FullChunkSizes,
): { readonly blocks: Block[]; readonly regions: Region[] } {
  const { tokens, definitions } = parseBlockTokens(markdown);
  const lines = lineStarts(markdown);
  const found = coverLines(markdown, lines, topLevel(tokens, definitions));
  const startOf = (line: number) => lines[line] ?? markdown.length;
  const blocks = found.map(({ line, parts, type, heading }, index) => {
    const next = found[index + 1];
    return {
      start: index === 0 ? 0 : startOf(line),
      end: next === undefined ? markdown.length : startOf(next.line),
      type,
      heading,
      parts: parts.map(startOf),
    };
  });
  return { blocks, regions: findRegions(markdown, lines, tokens, sizes) };
}

/** A block by line numbers. */
interface LineBlock extends Pick<Block, 'type' | 'heading'> {
  readonly line: number;
  readonly endLine: number;
  readonly parts: readonly number[];
}

function topLevel(tokens: readonly Token[], definitions: Definitions): LineBlock[] {
  const blocks: (LineBlock & { parts: number[] })[] = [];
  for (const [index, { type, level, map, nesting, tag }] of tokens.entries()) {
    if (map === null || nesting < 0) continue;
    const [line, endLine] = map;
    const last = blocks.at(-1);
    if (level === 1 && (last?.type === 'list' || last?.type === 'blockquote')) last.parts.push(line);
    if (level !== 0 || !(type in types)) continue;
    const heading =
      type === 'heading_open'
        ? { depth: Number(tag.slice(1)), text: plainText(tokens[index + 1]?.content ?? '', definitions) }
        : null;
    blocks.push({ line, endLine, type: types[type] ?? null, heading, parts: [] });
  }
  return blocks;
}

/** Adds text blocks for lines that belong to no token, such as link definitions. */
function coverLines(text: string, lines: readonly number[], blocks: readonly LineBlock[]): LineBlock[] {
  const covering: LineBlock[] = [];
  let line = 0;
  const fill = (until: number) => {
    for (let isFirst = true; line < until; line++) {
      const content = text.slice(lines[line], lines[line + 1]);
      if (content.trim() === '' || !(isFirst || /^ {0,3}\[/.test(content))) continue;
      covering.push({ line, endLine: until, type: 'text', heading: null, parts: [] });
      isFirst = false;
    }
  };
  for (const block of blocks) {
    fill(block.line);
    covering.push(block);
    line = block.endLine;
  }
  fill(lines.length);
  return covering;
}
