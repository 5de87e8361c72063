import { type FrontMatterFormat, parseMapping } from './parse-mapping.js';

/** Metadata between fences at the beginning of a page. */
export interface FrontMatter {
  readonly format: FrontMatterFormat;
  /** Parsed values. TOML dates and unsafe integers are strings. */
  readonly data: Readonly<Record<string, unknown>>;
  /** Source text without the fences. */
  readonly text: string;
}

/** A text separated from its front matter. */
export interface WithoutFrontMatter {
  readonly text: string;
  /** Title from the front matter. */
  readonly title: string | null;
  readonly frontMatter: FrontMatter | null;
}

/** Maximum length of front matter, which keeps parsing fast; anything longer is treated as text. */
const MAX_LENGTH = 64 * 1024;

/** Keys of the page title; the first non-empty one wins. */
const titleKeys = ['title', 'Title', 'og:title'];

/**
 * Separates front matter from the beginning of a Markdown text: YAML between `---` and `---` or `...`, TOML between
 * `+++`, JSON between `;;;` or as an object before the text. `---toml` and the like name the format explicitly.
 *
 * Since a page may also begin with a rule, only a mapping of plain keys counts as front matter. Everything else stays in
 * the text, including its fences.
 */
export function takeFrontMatter(markdown: string): WithoutFrontMatter {
  const found = findFenced(markdown) ?? findObject(markdown);
  if (found === null || found.text.length > MAX_LENGTH)
    return { text: markdown, title: null, frontMatter: null };
  const { format, text, end } = found;
  const parsed =
    text.trim() === '' ? { data: {}, titles: new Map<string, string>() } : parseMapping(format, text);
  if (parsed === null) return { text: markdown, title: null, frontMatter: null };
  const title = titleKeys.map((key) => parsed.titles.get(key) ?? '').find((each) => each !== '') ?? null;
  return { text: markdown.slice(end), title, frontMatter: { format, data: parsed.data, text } };
}

interface Found {
  readonly format: FrontMatterFormat;
  readonly text: string;
  /** Offset where the page continues. */
  readonly end: number;
}

const opening = /^(?:(---)[ \t]*(ya?ml|toml|json)?|(\+\+\+)|(;;;))[ \t]*(?:\r\n?|\n)/;
const closing = {
  '---': /^(?:---|\.\.\.)[ \t]*$/,
  '+++': /^\+\+\+[ \t]*$/,
  ';;;': /^;;;[ \t]*$/,
} as const;

function findFenced(markdown: string): Found | null {
  const open = opening.exec(markdown);
  if (open === null) return null;
  const fence = open[1] !== undefined ? '---' : open[3] !== undefined ? '+++' : ';;;';
  const named = open[2] === 'yml' ? 'yaml' : (open[2] as FrontMatterFormat | undefined);
  const format = named ?? ({ '---': 'yaml', '+++': 'toml', ';;;': 'json' } as const)[fence];
  const start = open[0].length;
  for (let place = start; place < markdown.length && place - start <= MAX_LENGTH; ) {
    const eol = /\r\n?|\n/g;
    eol.lastIndex = place;
    const found = eol.exec(markdown);
    const lineEnd = found?.index ?? markdown.length;
    const next = found === null ? markdown.length : eol.lastIndex;
    if (closing[fence].test(markdown.slice(place, lineEnd))) {
      return { format, text: markdown.slice(start, place), end: next };
    }
    place = next;
  }
  return null;
}

/** Finds a JSON object before the text, as in Hugo. A page that is only an object has no front matter. */
function findObject(markdown: string): Found | null {
  if (!markdown.startsWith('{')) return null;
  const end = endOfObject(markdown);
  if (end === null) return null;
  const rest = /^[ \t]*(?:\r\n?|\n)/.exec(markdown.slice(end));
  if (rest === null || markdown.slice(end).trim() === '') return null;
  return { format: 'json', text: markdown.slice(0, end), end: end + rest[0].length };
}

function endOfObject(text: string): number | null {
  let depth = 0;
  let isString = false;
  for (let place = 0; place < text.length && place <= MAX_LENGTH; place++) {
    const character = text[place];
    if (isString) {
      if (character === '\\') place += 1;
      else if (character === '"') isString = false;
    } else if (character === '"') isString = true;
    else if (character === '{') depth += 1;
    else if (character === '}') {
      depth -= 1;
      if (depth === 0) return place + 1;
    }
  }
  return null;
}
