import MarkdownIt from 'markdown-it';

/** A link in a Markdown text. */
export interface MarkdownLink {
  /** Text of the link without markup. */
  readonly text: string;
  readonly target: string;
  /** Line it begins on, from 0. */
  readonly line: number;
  /** Line it ends on. */
  readonly lastLine: number;
}

const parser = new MarkdownIt({ html: false });

/** Finds the links of a Markdown text, without images and without code. */
export function extractLinks(markdown: string): MarkdownLink[] {
  const links: MarkdownLink[] = [];
  let row = 0;
  for (const token of parser.parse(markdown, {})) {
    // Cells of tables have no lines of their own.
    if (token.map !== null) row = token.map[0];
    if (token.type !== 'inline') continue;
    let line = token.map?.[0] ?? row;
    let open: { readonly target: string; readonly line: number; text: string } | null = null;
    for (const child of token.children ?? []) {
      if (child.type === 'link_open') open = { target: String(child.attrGet('href') ?? ''), line, text: '' };
      else if (child.type === 'link_close' && open !== null) {
        links.push({ text: open.text.trim(), target: open.target, line: open.line, lastLine: line });
        open = null;
      } else if (child.type === 'softbreak' || child.type === 'hardbreak') {
        line += 1;
        if (open !== null) open.text += ' ';
      } else if (open !== null) open.text += child.content;
    }
  }
  return links;
}

/** Returns the text without some of its lines. */
export function withoutLines(text: string, lines: ReadonlySet<number>): string {
  return text
    .split('\n')
    .filter((_, index) => !lines.has(index))
    .join('\n');
}
