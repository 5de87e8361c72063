import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { splitMarkdown } from '@switchyard/docs-loader';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

const small = { min: 0, preferred: 80, max: 120 };
const contents = (markdown: string, sizes = small) =>
  splitMarkdown(markdown, sizes).chunks.map(({ content }) => content);
const code = (count: number, indent = '') =>
  Array.from({ length: count }, (_, i) => `${indent}call(${i});`).join('\n');

/** Returns true if every fence opened in a text is closed in it, by the rules of CommonMark; ignores containers. */
function isBalanced(text: string): boolean {
  let open: string | null = null;
  for (const line of text.split(/\r\n?|\n/)) {
    const [, marks = '', rest = ''] =
      /^[\s>]*(?:[-*+] +[> ]*|\d+[.)] +[> ]*)*(`{3,}|~{3,})(.*)$/.exec(line) ?? [];
    if (marks === '') continue;
    if (open === null) {
      if (marks.startsWith('~') || !rest.includes('`')) open = marks;
    } else if (marks.startsWith(open) && rest.trim() === '') open = null;
  }
  return open === null;
}

describe('code that is too long for one chunk', () => {
  test.each([
    ['```js', '```', '```js'],
    ['~~~~ sh', '~~~~', '~~~~sh'],
    ['````md', '`````', '````md'],
    ['``` ts title="a.ts"', '```', '```ts title="a.ts"'],
    [`\`\`\`ts${' {1,2,3}'.repeat(5)}`, '```', '```ts'],
  ])('repeats its fences and language in every part: %s', (opening, closing, reopened) => {
    const found = contents(`${opening}\n${code(40)}\n${closing}\n`);
    expect(found.length).toBeGreaterThan(3);
    expect(found[0]?.split('\n')[0]).toBe(opening.trim());
    for (const content of found.slice(1)) expect(content.split('\n')[0]).toBe(reopened);
    for (const content of found) expect(content).toMatch(/\n(?:`{3,}|~{3,})$/);
    const lines = found.flatMap((content) => content.split('\n').slice(1, -1));
    expect(lines.join('\n')).toBe(code(40));
    expect(Math.max(...found.map(({ length }) => length))).toBeLessThanOrEqual(small.max);
  });

  test.each([
    ['a list item', '- Item:\n\n  ```js\n', '  ', '\n  ```\n- Next\n'],
    ['the first line of one', '1. ```js\n', '   ', '\n   ```\n'],
    ['a quotation', '> ```js\n', '> ', '\n> ```\n'],
    ['a quotation in a list', '- a\n  > ```js\n', '  > ', '\n  > ```\n'],
  ])('repeats them in %s', (_, before, indent, after) => {
    const found = contents(`${before}${code(40, indent)}${after}`);
    expect(found.length).toBeGreaterThan(3);
    for (const content of found) expect(isBalanced(content), content).toBe(true);
    expect(found.at(2)?.split('\n')[0]).toBe(`${indent}\`\`\`js`);
    expect(found.at(2)?.split('\n').at(-1)).toBe(`${indent}\`\`\``);
  });

  test('is closed even if the page does not close it', () => {
    for (const content of contents(`Text.\n\n\`\`\`js\n${code(40)}`)) expect(isBalanced(content)).toBe(true);
  });

  test('keeps the line endings of the page', () => {
    const markdown = `\`\`\`js\n${code(40)}\n\`\`\`\n`.replaceAll('\n', '\r\n');
    for (const content of contents(markdown)) expect(content).not.toMatch(/[^\r]\n/);
  });

  test('may contain other fences', () => {
    const inner = Array.from({ length: 12 }, () => '```js\ncall();\n```').join('\n');
    const found = contents(`~~~~md\n${inner}\n~~~~\n`);
    for (const content of found) expect(content).toMatch(/^~~~~md\n[\s\S]*\n~~~~$/);
  });
});

describe('every chunk has balanced fences', () => {
  const fence = (end: boolean) =>
    fc
      .record({
        marks: fc.constantFrom('```', '~~~', '````', '~~~~~'),
        info: fc.constantFrom('', 'js', ' ts', 'js {1,3} title="x"'),
        indent: fc.constantFrom('', '- ', '1. ', '> ', '- > ', '  '),
        lines: fc.array(
          fc.constantFrom('call();', '', '  indented', 'x'.repeat(90), 'a b c. D e f.', '# no'),
          {
            maxLength: 60,
          },
        ),
      })
      .map(({ marks, info, indent, lines }) => {
        const inner = indent.replace(/[^> ]/g, ' ').replace(/\d/g, ' ');
        const body = lines.map((line) => `${inner}${line}`.trimEnd());
        return [`${indent}${marks}${info}`, ...body, ...(end ? [`${inner}${marks}`] : [])].join('\n');
      });
  const block = fc.oneof(
    fence(true),
    fc.constantFrom(
      '# Head',
      '## Sub',
      'Some text. And more.',
      '- item\n- item',
      '| a | b |\n|---|---|\n| 1 | 2 |',
    ),
  );

  test('for any page', () => {
    const sizes = fc.constantFrom(
      { min: 0, preferred: 100, max: 100 },
      { min: 40, preferred: 120, max: 300 },
    );
    fc.assert(
      fc.property(
        fc.array(block, { maxLength: 6 }),
        fc.option(fence(false)),
        sizes,
        (closed, open, chosen) => {
          const blocks = [...closed, ...(open === null ? [] : [open])];
          for (const content of contents(blocks.join('\n\n'), chosen)) {
            expect(isBalanced(content), content).toBe(true);
            expect(content.length).toBeLessThanOrEqual(chosen.max);
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  test('in real documentation', () => {
    const require = createRequire(import.meta.url);
    let chunks = 0;
    for (const name of ['fastify', 'pino', 'undici', '@biomejs/biome']) {
      const root = dirname(require.resolve(`${name}/package.json`));
      const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter(
        (path) => /\.md$/i.test(path) && !path.includes('node_modules'),
      );
      for (const path of files) {
        for (const content of contents(readFileSync(join(root, path), 'utf8'), {
          min: 50,
          preferred: 300,
          max: 500,
        })) {
          chunks += 1;
          expect(isBalanced(content), `${name}/${path}: ${content}`).toBe(true);
        }
      }
    }
    expect(chunks).toBeGreaterThan(500);
  });
});

describe('characters of several code points', () => {
  test.each([
    ['emoji with joiners', '👩‍👩‍👧‍👦'],
    ['flags', '🇩🇪'],
    ['combining marks', 'e\u0301'],
    ['skin tones', '👍🏽'],
    ['Hangul', '\u1112\u1161\u11ab'],
    ['Devanagari', 'क्षि'],
  ])('are never split: %s', (_, character) => {
    const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' });
    const count = (text: string) => [...segmenter.segment(text)].length;
    const text = character.repeat(60);
    const found = contents(text, { min: 0, preferred: 33, max: 35 });
    expect(found.join('')).toBe(text);
    expect(found.map(count).reduce((sum, each) => sum + each, 0)).toBe(count(text));
  });

  test('are split only if a single one is too long, and never within a surrogate pair', () => {
    const text = `e${'\u0301'.repeat(500)}${'😀\u0301'.repeat(50)}`;
    const found = contents(text, { min: 0, preferred: 33, max: 35 });
    expect(found.join('')).toBe(text);
    for (const content of found) expect(content).not.toMatch(/[\uD800-\uDFFF]/u);
  });
});
