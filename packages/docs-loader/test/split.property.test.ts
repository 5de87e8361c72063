import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { splitMarkdown, splitText } from '@switchyard/docs-loader';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

// Pieces of Markdown, well-formed and torn, that a page is put together from.
const inline = fc.constantFrom(
  'plain words here. And a sentence!',
  '`code`',
  '**bold',
  '[link](x.md)',
  '![i](a.png)',
  '<b>',
  '\\',
  '😀 ü 日本',
  '\t',
  '&nbsp;',
  '| a | b |',
  '[^1]',
  'https://x.y',
  '~~gone~~',
  '$a$',
);
const line = fc.array(inline, { maxLength: 8 }).map((parts) => parts.join(' '));
const start = fc.constantFrom(
  '',
  '# ',
  '## ',
  '###### ',
  '#',
  '- ',
  '  - ',
  '1. ',
  '> ',
  '> > ',
  '    ',
  '\t',
  '```js',
  '~~~',
  '```',
  '---',
  '===',
  '|---|---|',
  '[ref]: http://a.b',
  '[^1]: note',
  '<!--',
  '-->',
  '<div>',
  '</div>',
  '- [ ] ',
  '***',
  '\u00a0',
);
const eol = fc.constantFrom('\n', '\n', '\n', '\n\n', '\r\n', '\r\n\r\n', '\r');
const markdown = fc
  .array(fc.tuple(start, line, eol), { maxLength: 40 })
  .map((lines) => lines.map((parts) => parts.join('')).join(''));
const anyText = fc.oneof(markdown, fc.string({ unit: 'binary', maxLength: 400 }));
const sizes = fc
  .tuple(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 0, max: 200 }), fc.integer({ min: 0, max: 300 }))
  .map(([min, a, b]) => ({ min, preferred: Math.max(min, 16) + a, max: Math.max(min, 16) + a + b }));

const squeeze = (text: string) => text.replace(/\s+/g, '');
/** A text that begins like front matter would rightly lose it. */
const noFrontMatter = (text: string) => !/^\ufeff?(?:---|\+\+\+|;;;|\{)/.test(text);
/** Parts of long code and tables repeat fences and headers. */
const noRegions = (text: string) => !/`{3}|~{3}|-\|-/.test(text);

/** Returns true if `whole` contains the characters of `part` in this order. */
function isSubsequence(part: string, whole: string): boolean {
  let found = 0;
  for (const character of whole)
    if (character === [...part.slice(found, found + 2)][0]) found += character.length;
  return found >= part.length;
}

describe('for any page', () => {
  test('splitting keeps every non-blank character, in order', () => {
    fc.assert(
      fc.property(anyText.filter(noFrontMatter), sizes, (text, chosen) => {
        const { chunks } = splitMarkdown(text, chosen);
        const kept = squeeze(chunks.map(({ content }) => content).join('\n'));
        const source = squeeze(text.replace(/^\ufeff/, ''));
        if (noRegions(text)) expect(kept).toBe(source);
        else expect(isSubsequence(source, kept)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  test('every short line is contained in a chunk verbatim', () => {
    fc.assert(
      fc.property(markdown.filter(noFrontMatter), (text) => {
        const { chunks } = splitMarkdown(text, { min: 40, preferred: 400, max: 800 });
        for (const written of text.split(/\r\n?|\n/).map((each) => each.trim())) {
          expect(chunks.some(({ content }) => content.includes(written)) || written === '').toBe(true);
        }
      }),
      { numRuns: 200 },
    );
  });

  test('no chunk is empty or larger than the maximum', () => {
    fc.assert(
      fc.property(anyText, sizes, (text, chosen) => {
        for (const split of [splitMarkdown, splitText]) {
          for (const { content, metadata } of split(text, chosen).chunks) {
            expect(content.trim()).not.toBe('');
            expect(content.length).toBeLessThanOrEqual(chosen.max);
            expect(metadata.types.length).toBeGreaterThan(0);
          }
        }
      }),
      // Indentation counts when what it stands before is cut.
      {
        numRuns: 300,
        examples: [['    plain words here. And a sentence!\n', { min: 0, preferred: 17, max: 17 }]],
      },
    );
  });

  test('a plain text keeps every non-blank character', () => {
    fc.assert(
      fc.property(anyText, sizes, (text, chosen) => {
        const { chunks } = splitText(text, chosen);
        expect(squeeze(chunks.map(({ content }) => content).join(''))).toBe(
          squeeze(text.replace(/^\ufeff/, '')),
        );
      }),
      { numRuns: 300 },
    );
  });
});

describe('real documentation', () => {
  const require = createRequire(import.meta.url);
  const pages = ['fastify', 'pino'].flatMap((name) => {
    const root = join(dirname(require.resolve(`${name}/package.json`)), 'docs');
    return readdirSync(root, { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.md'))
      .map((path) => ({ path: `${name}/${path}`, text: readFileSync(join(root, path), 'utf8') }));
  });

  test('is kept completely, in chunks of reasonable size', () => {
    expect(pages.length).toBeGreaterThan(40);
    for (const { path, text } of pages) {
      const { chunks } = splitMarkdown(text);
      const kept = squeeze(chunks.map(({ content }) => content).join(''));
      expect(isSubsequence(squeeze(text), kept), path).toBe(true);
      expect(kept.length, path).toBeLessThan(squeeze(text).length * 1.2);
      expect(Math.max(...chunks.map(({ content }) => content.length)), path).toBeLessThanOrEqual(2000);
    }
  });
});
