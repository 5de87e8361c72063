import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

/**
 * Keeps the mechanical part of the writing style in CONTRIBUTING.md: beginnings of doc comments, words that the field
 * does not use, and American spelling. The rest is for readers.
 */
const root = join(import.meta.dirname, '..');
const folders = [
  ...['packages', 'examples'].flatMap((parent) =>
    readdirSync(join(root, parent)).map((name) => `${parent}/${name}/src`),
  ),
  'soak/src',
  'bench/src',
  'release/src',
].filter((folder) => existsSync(join(root, folder)));
const sources = folders.flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => `${folder}/${path}`),
);

/** Names that are stored in databases or come from elsewhere, and therefore cannot change. */
const FIXED_NAMES = /\bneighbours?(?:_\w+|%)|\bcancelled\b|\bBEHAVIOUR\b/gi;

const BEGINNING = /^(?:What|How|Which|Whether|Where)\b/;

const UNUSUAL: readonly RegExp[] = [
  /\banew\b/i,
  /(?<![-\w])meanwhile\b/i,
  /\bat most so (?:many|much|long)\b/i,
  /\b(?:what|all that) (?:it|they|this) comes? to\b/i,
  /\bhas to be said\b/i,
  /\bby words\b/i,
  /\bby meaning\b/i,
  /\bcame about\b/i,
  /^\s*(?:\/\*\*|\/\/|\*) The same\.(?: \*\/)?$/m,
];

const BRITISH =
  /\b(?:(?:re)?(?:normal|optim|initial|serial|recogn|organ|summar|minim|maxim|synchron|custom|util|categor|token|general|special)is(?:e[sd]?|ing|ation)|analys(?:e[sd]?|ing)|(?:neighb|behavi|col|fav|hon|lab)our\w*|catalogue\w*|centre[sd]?|grey\w*|licen[c]es?|(?:cancel|model|label|travel)l(?:ed|ing)|artefact\w*|whilst|amongst|towards|misspelt|learnt)\b/i;

/** Comments of a source: blocks, and runs of line comments. Strings may contain `//`, so it must follow a blank. */
function commentsOf(source: string): string[] {
  return source.match(/\/\*\*[\s\S]*?\*\/|(?<=^|\s)\/\/ .*/gm) ?? [];
}

/** First words of a doc comment and of its `@param` and `@returns` tags. */
function beginningsOf(comment: string): string[] {
  if (!comment.startsWith('/**')) return [];
  const text = comment
    .slice(3, -2)
    .replace(/^\s*\*/gm, '')
    .trim();
  const tags = [...text.matchAll(/@(?:param \S+|returns)\s+(\S+)/g)].map(([, word = '']) => word);
  return [text, ...tags];
}

/** Lines of a source that match, as `path:line text`. */
function matchingLines(path: string, pattern: RegExp): string[] {
  return readFileSync(join(root, path), 'utf8')
    .split('\n')
    .flatMap((line, index) =>
      pattern.test(line.replace(FIXED_NAMES, '')) ? [`${path}:${index + 1} ${line.trim()}`] : [],
    );
}

describe('the wording of sources', () => {
  it('covers every package, so that the rules below can fail', () => {
    expect(folders.filter((folder) => !sources.some((path) => path.startsWith(folder)))).toEqual([]);
    expect(folders.length).toBeGreaterThanOrEqual(16);
    expect(
      beginningsOf('/** Whether it is. @returns Which one. */').filter((text) => BEGINNING.test(text)),
    ).toEqual(['Whether it is. @returns Which one.', 'Which']);
    expect('normalise the neighbour'.match(new RegExp(BRITISH, 'gi'))).toEqual(['normalise', 'neighbour']);
  });

  it('names the thing or the action first in doc comments', () => {
    const found = sources.flatMap((path) =>
      commentsOf(readFileSync(join(root, path), 'utf8'))
        .flatMap(beginningsOf)
        .filter((text) => BEGINNING.test(text))
        .map((text) => `${path}: ${text.split('\n', 1)[0]}`),
    );
    expect(found).toEqual([]);
  });

  it.each(UNUSUAL.map((pattern) => [pattern]))('does not use %s', (pattern) => {
    expect(sources.flatMap((path) => matchingLines(path, pattern))).toEqual([]);
  });

  it('is spelled in American English', () => {
    expect(sources.flatMap((path) => matchingLines(path, BRITISH))).toEqual([]);
  });
});
