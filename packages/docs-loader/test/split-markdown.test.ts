import { splitMarkdown, splitText } from '@switchyard/docs-loader';
import { describe, expect, test } from 'vitest';

const small = { min: 0, preferred: 80, max: 120 };
const paths = (markdown: string, sizes = small) =>
  splitMarkdown(markdown, sizes).chunks.map(({ metadata }) => metadata.path.join(' / '));
const contents = (markdown: string, sizes = small) =>
  splitMarkdown(markdown, sizes).chunks.map(({ content }) => content);
const words = (count: number) => Array.from({ length: count }, (_, i) => `word${i}`).join(' ');

describe('sections', () => {
  test('have the path and the depth of their headings', () => {
    const page = splitMarkdown(
      '# Guide\n\nIntro.\n\n## Install\n\nnpm i\n\n#### Windows\n\nAlso.\n\n## Use\n\nCall it.\n',
      small,
    );
    expect(page.chunks.map(({ content, metadata }) => [metadata.level, metadata.path, content])).toEqual([
      [1, ['Guide'], '# Guide\n\nIntro.'],
      [2, ['Guide', 'Install'], '## Install\n\nnpm i'],
      [4, ['Guide', 'Install', 'Windows'], '#### Windows\n\nAlso.'],
      [2, ['Guide', 'Use'], '## Use\n\nCall it.'],
    ]);
  });

  test('are only started by real headings', () => {
    const markdown = 'Setext\n===\n\n```sh\n# no heading\n```\n\n    # code\n\n> ## quoted\n';
    expect(paths(markdown)).toEqual(['Setext']);
  });

  test('have headings as plain text', () => {
    expect(paths('# The `close()` [method](x.md) *now*\n\nText.')).toEqual(['The close() method now']);
  });

  test('before the first heading have no path', () => {
    const [first] = splitMarkdown('Hello.\n\n# Title\n\nText.', small).chunks;
    expect(first?.metadata).toEqual({ types: ['text'], level: 0, path: [] });
  });

  test('with only subsections are structural; empty ones are headings', () => {
    const { chunks } = splitMarkdown('# A\n\n## B\n\nText.\n\n## C\n', small);
    expect(chunks.map(({ content, metadata }) => [content, metadata.types])).toEqual([
      ['# A', ['heading', 'structural']],
      ['## B\n\nText.', ['heading', 'text']],
      ['## C', ['heading']],
    ]);
  });
});

describe('types', () => {
  test('list the block types of a chunk', () => {
    const markdown =
      '# T\n\ntext\n\n```js\nx\n```\n\n- a\n\n| a |\n|---|\n| b |\n\n> q\n\n<p>h</p>\n\n***\n\n[l]: http://x.y\n';
    const [chunk] = splitMarkdown(markdown, { min: 0, preferred: 500, max: 500 }).chunks;
    expect(chunk?.metadata.types).toEqual(['heading', 'text', 'code', 'list', 'table', 'blockquote', 'html']);
  });
});

describe('sizes', () => {
  test('collect blocks up to the preferred size', () => {
    const blocks = Array.from({ length: 9 }, (_, i) => `Paragraph number ${i} here.`);
    const found = contents(blocks.join('\n\n'));
    expect(found).toEqual([0, 3, 6].map((i) => blocks.slice(i, i + 3).join('\n\n')));
  });

  test('keep a block that fits in one chunk', () => {
    const code = `\`\`\`js\n${'call();\n'.repeat(13)}\`\`\``;
    expect(code.length).toBeGreaterThan(small.preferred);
    expect(contents(`Before.\n\n${code}\n\nAfter.`)).toEqual(['Before.', code, 'After.']);
  });

  test('split a long list between its items', () => {
    const items = Array.from({ length: 8 }, (_, i) => `- Item ${i}\n  with a second line`);
    for (const content of contents(items.join('\n')))
      expect(content).toMatch(/^- Item \d[\s\S]*second line$/);
  });

  test('split long tables between rows, and repeat the header in every part', () => {
    const rows = Array.from({ length: 20 }, (_, i) => `| row ${i} | value |`);
    const head = ['| a | b |', '|---|---|'];
    const found = contents([...head, ...rows].join('\n'));
    expect(found.length).toBeGreaterThan(3);
    for (const content of found) expect(content.split('\n').slice(0, 2)).toEqual(head);
    expect(found.flatMap((content) => content.split('\n').slice(2))).toEqual(rows);
  });

  test('split long tables without repeating a header that would fill a part', () => {
    const head = [`| ${words(6)} | b |`, '|---|---|'];
    const rows = Array.from({ length: 9 }, (_, i) => `| row ${i} | value |`);
    const lines = contents([...head, ...rows].join('\n')).flatMap((content) => content.split('\n'));
    expect(lines).toEqual([...head, ...rows]);
  });

  test('split long prose between sentences', () => {
    const sentences = Array.from({ length: 8 }, (_, i) => `Sentence ${i} has a few words.`);
    const found = contents(sentences.join(' '));
    expect(found.length).toBeGreaterThan(1);
    for (const content of found) expect(content).toMatch(/^Sentence[\s\S]*words\.$/);
  });

  test('split a long sentence between words and a long word between characters', () => {
    for (const content of contents(words(60))) expect(content).toMatch(/^word\d+( word\d+)*$/);
    const emoji = '😀'.repeat(200);
    const found = contents(emoji, { min: 0, preferred: 21, max: 25 });
    expect(found.join('')).toBe(emoji);
    for (const content of found) expect(content).toMatch(/^(?:😀)+$/u);
  });

  test('never separate a heading from its text', () => {
    const markdown = `## Options\n\n\`\`\`js\n${'call();\n'.repeat(13)}\`\`\`\n`;
    expect(contents(markdown)[0]).toMatch(/^## Options\n\n```js\ncall/);
    expect(contents(`## Options\n\n${words(40)}`)[0]).toMatch(/^## Options\n\nword0/);
  });

  test('merge small sections with their neighbors under their common path', () => {
    const markdown =
      '# API\n\n## Request\n\n### a\n\nOne.\n\n### b\n\nTwo.\n\n## Reply\n\nThree is long enough.\n';
    const merged = splitMarkdown(markdown, { min: 20, preferred: 80, max: 120 });
    expect(merged.chunks.map(({ content, metadata }) => [metadata.path, metadata.level, content])).toEqual([
      [['API'], 1, '# API'],
      [['API', 'Request'], 2, '## Request'],
      [['API', 'Request'], 2, '### a\n\nOne.\n\n### b\n\nTwo.'],
      [['API', 'Reply'], 2, '## Reply\n\nThree is long enough.'],
    ]);
  });

  test('merge a banner with the text that follows', () => {
    const { chunks } = splitMarkdown('<h1>Fastify</h1>\n\n## Database\n\nText.\n');
    expect(chunks.map(({ metadata }) => metadata.path)).toEqual([['Database']]);
  });

  test.each([{ min: 5, preferred: 4 }, { max: 10 }, { preferred: 15, min: 0 }, { max: Number.NaN }])(
    'that make no sense (%j) are refused',
    (sizes) => expect(() => splitMarkdown('x', sizes)).toThrow(TypeError),
  );
});

describe('the title', () => {
  test.each([
    ['---\ntitle: "From: the front" # yes\nother: 1\n---\n# Heading\n', 'From: the front'],
    ["---\r\ntitle: 'Windows'\r\n---\r\ntext", 'Windows'],
    ['---\nlayout: x\n---\n## Two\n\n# One\n', 'One'],
    ['<h1 align="center">Banner</h1>\n\n## Database\n\nText.', 'Database'],
    ['Some text.\n\n## Later\n', null],
    ['', null],
  ])('of %j is %s', (markdown, title) => expect(splitMarkdown(markdown).title).toBe(title));
});

describe('plain text', () => {
  test('is split between paragraphs', () => {
    const paragraphs = Array.from({ length: 6 }, (_, i) => `# ${i} paragraph\nin two lines`);
    const { chunks } = splitText(paragraphs.join('\n\n'), { min: 0, preferred: 70, max: 100 });
    expect(chunks.map(({ content }) => content)).toEqual(
      [0, 2, 4].map((i) => paragraphs.slice(i, i + 2).join('\n\n')),
    );
    expect(chunks[0]?.metadata).toEqual({ types: ['text'], level: 0, path: [] });
  });
});
