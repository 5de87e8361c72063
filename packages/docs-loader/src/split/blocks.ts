import type { Nodes, RootContent } from 'mdast';
import { fromMarkdown } from 'mdast-util-from-markdown';
import { gfmTableFromMarkdown } from 'mdast-util-gfm-table';
import { toString as textOf } from 'mdast-util-to-string';
import { gfmTable } from 'micromark-extension-gfm-table';

/** A block of a Markdown text. The blocks of a text cover it from its beginning to its end. */
export interface Block {
  /** Where it starts: the beginning of a line. It ends where the next one starts. */
  readonly start: number;
  readonly end: number;
  /** `heading`, `text`, `code`, `list`, `table`, `blockquote` or `html`; null for a rule. */
  readonly type: string | null;
  /** Of a heading. */
  readonly heading: { readonly depth: number; readonly text: string } | null;
  /** Where its parts start: the items of a list, the blocks of a quotation. */
  readonly parts: readonly number[];
}

const types: Partial<Record<RootContent['type'], string>> = {
  heading: 'heading',
  code: 'code',
  list: 'list',
  table: 'table',
  blockquote: 'blockquote',
  html: 'html',
};

/**
 * Parses CommonMark with GitHub's tables into blocks. GitHub's other extensions make no blocks that matter here, and
 * looking for bare links takes time with the square of the length of a paragraph.
 */
export function parseBlocks(markdown: string): Block[] {
  const root = fromMarkdown(markdown, {
    extensions: [gfmTable()],
    mdastExtensions: [gfmTableFromMarkdown()],
  });
  const nodes = root.children.filter((node) => node.position !== undefined);
  const starts = nodes.map((node, index) => (index === 0 ? 0 : startOfLine(markdown, node)));
  return nodes.map((node, index) => ({
    start: starts[index] ?? 0,
    end: starts[index + 1] ?? markdown.length,
    type: node.type === 'thematicBreak' ? null : (types[node.type] ?? 'text'),
    heading: node.type === 'heading' ? { depth: node.depth, text: oneLine(textOf(node)) } : null,
    parts:
      node.type === 'list' || node.type === 'blockquote'
        ? node.children.map((child) => startOfLine(markdown, child))
        : [],
  }));
}

function startOfLine(markdown: string, node: Nodes): number {
  const offset = node.position?.start.offset ?? 0;
  if (offset === 0) return 0;
  return Math.max(markdown.lastIndexOf('\n', offset - 1), markdown.lastIndexOf('\r', offset - 1)) + 1;
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
