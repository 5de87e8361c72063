import { parse as parseToml } from 'smol-toml';
import { isMap, isScalar, parseAllDocuments } from 'yaml';

/** Formats of front matter. */
export type FrontMatterFormat = 'yaml' | 'toml' | 'json';

/** A parsed mapping with plain keys. */
export interface ParsedMapping {
  readonly data: Readonly<Record<string, unknown>>;
  /** The strings and numbers among its values as written, on one line. */
  readonly titles: ReadonlyMap<string, string>;
}

/** Maximum number of YAML aliases, which may otherwise expand beyond available memory. */
const MAX_ALIASES = 100;
const MAX_DEPTH = 100;

/**
 * Parses front matter.
 *
 * @returns null if it is not a mapping, is empty, or has keys that look like prose.
 */
export function parseMapping(format: FrontMatterFormat, text: string): ParsedMapping | null {
  try {
    const mapping = parsers[format](text.replace(/\r\n?/g, '\n'));
    return mapping === null || !hasPlainKeys(mapping) || isProse(mapping) ? null : mapping;
  } catch {
    // Not in this format, or nested too deeply for the parser.
    return null;
  }
}

const parsers: Readonly<Record<FrontMatterFormat, (text: string) => ParsedMapping | null>> = {
  yaml: fromYaml,
  toml: (text) => fromObject(parseToml(text, { integersAsBigInt: 'asNeeded' })),
  json: (text) => fromObject(JSON.parse(text)),
};

function fromYaml(text: string): ParsedMapping | null {
  if (isDeep(text)) return null;
  // The library's own uniqueness check takes quadratic time.
  const options = { logLevel: 'silent', prettyErrors: false, uniqueKeys: false } as const;
  const [document, ...others] = parseAllDocuments(text, options);
  if (document === undefined || others.length > 0) return null;
  const { contents, errors } = document;
  if (errors.length > 0 || !isMap(contents)) return null;
  const keysAreTexts = contents.items.every(({ key }) => isScalar(key) && typeof key.value !== 'object');
  if (!keysAreTexts) return null;
  const keys = new Set(contents.items.map(({ key }) => String(key)));
  if (keys.size < contents.items.length) return null;
  const data = toPlain(document.toJS({ maxAliasCount: MAX_ALIASES })) as Record<string, unknown>;
  const titles = new Map<string, string>();
  for (const { key, value } of contents.items) {
    if (!isScalar(key) || !isScalar(value)) continue;
    const { value: content, source } = value;
    // Numbers keep their notation: 1.10 is not 1.1 in a title.
    const written =
      typeof content === 'string' ? content : content === null ? '' : (source ?? String(content));
    titles.set(String(key.value), oneLine(written));
  }
  return { data, titles };
}

/** Detects nesting that no page has on purpose; the parser's time is quadratic in the depth. */
function isDeep(text: string): boolean {
  if (/(?:[-?:][ \t]+){50}/.test(text)) return true;
  let depth = 0;
  for (const [sign] of text.matchAll(/[[\]{}]/g)) {
    depth = Math.max(0, depth + (sign === '[' || sign === '{' ? 1 : -1));
    if (depth > MAX_DEPTH) return true;
  }
  return false;
}

function fromObject(value: unknown): ParsedMapping | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  const data = toPlain(value) as Record<string, unknown>;
  const titles = new Map<string, string>();
  for (const [key, each] of Object.entries(data)) {
    if (typeof each === 'string' || typeof each === 'number') titles.set(key, oneLine(String(each)));
  }
  return { data, titles };
}

/** Names without spaces, such as `title`, `og:title`, `sidebar_position`: meant for programs, not part of a sentence. */
const PLAIN_KEY = /^[\p{L}_$@][\p{L}\p{M}\p{N}_$@.:-]*$/u;

function hasPlainKeys({ data }: ParsedMapping): boolean {
  const keys = Object.keys(data);
  return keys.length > 0 && keys.every((key) => PLAIN_KEY.test(key));
}

const KNOWN_KEYS =
  /^(?:title|description|summary|date|authors?|tags?|categor(?:y|ies)|keywords|layout|slug|id|url|lang|draft)$/i;

/** Detects prose between rules, such as `Note: this page is old.`: unknown capitalized labels and a full sentence. */
function isProse({ data, titles }: ParsedMapping): boolean {
  const keys = Object.keys(data);
  const areLabels = keys.every((key) => /^\p{Lu}\p{Ll}+$/u.test(key) && !KNOWN_KEYS.test(key));
  return areLabels && [...titles.values()].some(isSentence);
}

function isSentence(text: string): boolean {
  return text.includes(' ') && /[.!?…。！？]["')\]*_]*$/u.test(text.slice(-8));
}

/** Converts values to JSON types; dates and unsafe integers become strings. */
function toPlain(value: unknown): unknown {
  if (typeof value === 'bigint') return String(value);
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.map(toPlain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, toPlain(each)]));
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
