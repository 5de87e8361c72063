import { splitMarkdown } from '@switchyard/docs-loader';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

const textOf = (markdown: string) =>
  splitMarkdown(markdown)
    .chunks.map(({ content }) => content)
    .join('\n');

describe('front matter', () => {
  test.each([
    ['YAML', '---\ntitle: Foo\nsidebar: true\n---\n', 'yaml', { title: 'Foo', sidebar: true }],
    [
      'keys with colons',
      '---\nog:title: Foo page\ntitle: Foo\n---\n',
      'yaml',
      { 'og:title': 'Foo page', title: 'Foo' },
    ],
    ['TOML', '+++\ntitle = "Foo"\nweight = 5\n+++\n', 'toml', { title: 'Foo', weight: 5 }],
    [
      'TOML with tables',
      '+++\ntitle = "Foo"\n[menu.main]\nname = "x"\n+++\n',
      'toml',
      { title: 'Foo', menu: { main: { name: 'x' } } },
    ],
    [
      'TOML with a date',
      '+++\ntitle = "Foo"\ndate = 2024-05-01\n+++\n',
      'toml',
      { title: 'Foo', date: '2024-05-01' },
    ],
    ['TOML that says so', '---toml\ntitle = "Foo"\n---\n', 'toml', { title: 'Foo' }],
    ['JSON', ';;;\n{ "title": "Foo" }\n;;;\n', 'json', { title: 'Foo' }],
    ['JSON without fences', '{\n  "title": "Foo",\n  "a": "}"\n}\n', 'json', { title: 'Foo', a: '}' }],
    ['dots at the end', '---\ntitle: Foo\n...\n', 'yaml', { title: 'Foo' }],
    ['spaces behind the fences', '---  \ntitle: Foo\n---\t\n', 'yaml', { title: 'Foo' }],
    ['CRLF', '---\r\ntitle: Foo\r\ntags:\r\n  - a\r\n---\r\n', 'yaml', { title: 'Foo', tags: ['a'] }],
    ['CR', '---\rtitle: Foo\r---\r', 'yaml', { title: 'Foo' }],
    ['a byte order mark', '\ufeff---\ntitle: Foo\n---\n', 'yaml', { title: 'Foo' }],
    ['comments', '---\n# about\ntitle: Foo # yes\n---\n', 'yaml', { title: 'Foo' }],
    ['blank lines', '---\n\ntitle: Foo\n\nid: x\n\n---\n', 'yaml', { title: 'Foo', id: 'x' }],
    [
      'block texts',
      '---\ntitle: >\n  Foo\ntext: |\n  ---\n  # no\n---\n',
      'yaml',
      { title: 'Foo\n', text: '---\n# no\n' },
    ],
    ['quoted keys', '---\n"title": Foo\n---\n', 'yaml', { title: 'Foo' }],
    ['anchors', '---\ntitle: &t Foo\nmenu: *t\n---\n', 'yaml', { title: 'Foo', menu: 'Foo' }],
    [
      'labels with a capital',
      '---\nTitle: Foo\nSummary: All of it.\n---\n',
      'yaml',
      { Title: 'Foo', Summary: 'All of it.' },
    ],
  ])('with %s is separated from the page', (_, fenced, format, data) => {
    const page = splitMarkdown(`${fenced}\n# Heading\n\nBody.\n`);
    expect(page.frontMatter).toMatchObject({ format, data });
    expect(page.title).toBe('Foo');
    expect(page.chunks.map(({ content }) => content.replace(/\r\n?/g, '\n'))).toEqual(['# Heading\n\nBody.']);
  });

  test('may be empty', () => {
    const page = splitMarkdown('---\n---\n\n# Head\n\nBody.\n\n---\n\nMore.\n');
    expect(page.frontMatter).toEqual({ format: 'yaml', data: {}, text: '' });
    expect(page.chunks[0]?.content).toBe('# Head\n\nBody.\n\n---\n\nMore.');
    expect(splitMarkdown('---\n---').frontMatter?.data).toEqual({});
  });

  test.each([
    ['a rule', '---\n\n# Introduction\n\nThe zebra.\n\n---\n\n# Next\n'],
    ['a slide', '---\n# Welcome\n\nPelican.\n\n---\n\n# Second\n'],
    ['a heading alone', '---\n# Welcome\n---\n\ntext\n'],
    ['prose with a colon', '---\nNote: this page is old.\n\nUse the narwhal.\n\n---\n\n# Old\n'],
    ['one sentence with a label', '---\nNote: this page is old.\n---\n\n# Old\n'],
    ['a sentence before a colon', '---\nRead this first: it matters\n---\n\n# Old\n'],
    ['a list', '---\n- one\n- two\n---\n\ntext\n'],
    ['a word', '---\nword\n---\n'],
    ['no end', '---\ntitle: Foo\n\n# Head\n'],
    ['the same key twice', '---\ntitle: a\ntitle: b\n---\n\ntext\n'],
    ['broken YAML', '---\ntitle: "a\n---\n\ntext\n'],
    ['broken TOML', '+++\ntitle = Foo\n+++\n\ntext\n'],
    ['more than one document', '---\ntitle: a\n--- !x\nb: c\n---\n\ntext\n'],
    ['another sign', '+++\nplus\n+++\n\ntext\n'],
    [
      'aliases that grow',
      `---\na: &a [x,x,x,x,x,x,x,x,x]\n${'bcdefghi'.replace(/./g, (k, i: number) => `${k}: &${k} [${`*${'abcdefgh'[i]},`.repeat(9)}]\n`)}---\n\ntext\n`,
    ],
    ['brackets without end', `---\ntitle: ${'['.repeat(20_000)}\n---\n\ntext\n`],
    ['an indented fence', '  ---\ntitle: a\n---\n'],
    ['a text before it', 'Hello\n---\ntitle: a\n---\n'],
    ['a page of JSON', '{ "title": "Foo" }\n'],
    ['an expression of MDX', '{/* title: Foo */}\n\n# Head\n'],
    ['a template', '{{ title }}\n\n# Head\n'],
  ])('is not recognized in %s: every character is kept', (_, markdown) => {
    const page = splitMarkdown(markdown);
    expect(page.frontMatter).toBeNull();
    expect(textOf(markdown).replace(/\s+/g, '')).toBe(markdown.replace(/\s+/g, ''));
  });

  test.each([
    ['---\ntitle: "From: the front" # yes\nother: 1\n---\n# Heading\n', 'From: the front'],
    ['---\ntitle: 1.10\n---\n# Heading\n', '1.10'],
    ['---\ntitle: 2024-01-02\n---\n# Heading\n', '2024-01-02'],
    ['---\nog:title: Shared\n---\n# Heading\n', 'Shared'],
    ['---\ntitle:\nog:title: Shared\n---\n# Heading\n', 'Shared'],
    ['---\ntitle: {a: b}\n---\n# Heading\n', 'Heading'],
    ['---\nlayout: x\n---\n# Heading\n', 'Heading'],
    ['---\ntitle: >-\n  Two\n  lines\n---\n# Heading\n', 'Two lines'],
  ])('provides the title of %j: %s', (markdown, title) => expect(splitMarkdown(markdown).title).toBe(title));

  test('loses no word, for any beginning of a page', () => {
    const line = fc.constantFrom(
      '---',
      '---',
      '+++',
      '...',
      ';;;',
      '',
      '# Heron',
      'title: Ibis',
      'og:title: Kite',
      'key = "Lark"',
      'Note: Merlin sings.',
      '  nested: Nuthatch',
      '- Osprey',
      '"Quail": 1',
      '# comment Robin',
      '{ "Stork": 1 }',
      'Some Teal swims.',
      'a: &x Veery',
      'b: *x',
      '```',
      '| Wren |',
      '|---|',
    );
    const opening = fc.constantFrom('---', '--- ', '+++', ';;;', '{', '---yaml', '\ufeff---');
    const eol = fc.constantFrom('\n', '\r\n', '\r');
    fc.assert(
      fc.property(opening, fc.array(line, { maxLength: 12 }), eol, (first, lines, end) => {
        const markdown = [first, ...lines].join(end);
        const { chunks, frontMatter } = splitMarkdown(markdown);
        const kept = [frontMatter?.text ?? '', ...chunks.map(({ content }) => content)].join('\n');
        for (const word of markdown.match(/\p{L}{2,}/gu) ?? []) {
          if (word !== 'yaml') expect(kept).toContain(word);
        }
      }),
      { numRuns: 1000 },
    );
  });
});
