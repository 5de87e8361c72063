import MarkdownIt, { type Token } from 'markdown-it';

/** Link definitions of a page, which headings may refer to. */
export type Definitions = Record<string, unknown>;

/**
 * Parses block structure only. Text inside blocks is not parsed, which keeps parsing time linear for any content.
 */
const blockParser = new MarkdownIt({ html: true });
blockParser.core.ruler.enableOnly(['normalize', 'block']);

const inlineParser = new MarkdownIt('commonmark');

/** Maximum length of headings whose markup is parsed; longer ones are kept verbatim. */
const MAX_PARSED_HEADING_LENGTH = 2_000;

/** Parses CommonMark with GitHub tables into blocks and collects link definitions. */
export function parseBlockTokens(markdown: string): {
  readonly tokens: readonly Token[];
  readonly definitions: Definitions;
} {
  const definitions: Definitions = {};
  return { tokens: blockParser.parse(markdown, definitions), definitions };
}

/** Returns the text of a heading on one line, without markup. */
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
