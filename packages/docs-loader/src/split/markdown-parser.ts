import MarkdownIt, { type Token } from 'markdown-it';

/** Link definitions of a page, which its headings may refer to. */
export type Definitions = Record<string, unknown>;

/**
 * Block structure only: the text inside blocks is not parsed, so that the time to parse a page grows with its size
 * whatever it holds.
 */
const blockParser = new MarkdownIt({ html: true });
blockParser.core.ruler.enableOnly(['normalize', 'block']);

const inlineParser = new MarkdownIt('commonmark');

/** Longer headings are taken as they are written. */
const MAX_PARSED_HEADING_LENGTH = 2_000;

/** Parses CommonMark with GitHub's tables into blocks, and gathers its link definitions. */
export function parseBlockTokens(markdown: string): {
  readonly tokens: readonly Token[];
  readonly definitions: Definitions;
} {
  const definitions: Definitions = {};
  return { tokens: blockParser.parse(markdown, definitions), definitions };
}

/** The text of a heading on one line, without its markup. */
export function plainText(inline: string, definitions: Definitions): string {
  if (inline.length > MAX_PARSED_HEADING_LENGTH) return oneLine(inline);
  const [token] = inlineParser.parseInline(inline, definitions);
  return oneLine(textOf(token?.children ?? []));
}

function textOf(tokens: readonly Token[]): string {
  return tokens
    .map(({ type, content, children }) => {
      if (type === 'image') return textOf(children ?? []);
      return type === 'softbreak' || type === 'hardbreak' ? '\n' : content;
    })
    .join('');
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
