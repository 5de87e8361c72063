import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type DocsOptions, loadDocs, openDocs, splitMarkdown } from '@switchyard/docs-loader';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'docs-loader-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

async function write(path: string, content: string | Uint8Array): Promise<void> {
  const file = join(root, path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, content);
}

async function read(source: string, options?: DocsOptions) {
  const docs = await openDocs(source, options);
  const pages = [];
  for await (const page of docs.pages()) pages.push(page);
  const reasons = docs.warnings.map(({ reason, path }) => `${reason} ${path}`);
  return { docs, pages, reasons, urls: pages.map(({ url }) => url) };
}

describe('a folder', () => {
  test('provides its documentation as pages, files before folders', async () => {
    await write('b.md', '# Bee\n\nText.');
    await write('a/z.mdx', 'Text only.');
    await write('a/deep/er.markdown', '---\ntitle: Deeper\n---\nText.');
    await write('notes.TXT', '# not a heading\n');
    for (const other of ['code.js', 'node_modules/x/README.md', '.git/HEAD.md', 'a/.hidden.md']) {
      await write(other, '# No');
    }
    const { docs, pages, reasons } = await read(root);
    expect(pages.map(({ url, title, contentType }) => [url, title, contentType])).toEqual([
      ['b.md', 'Bee', 'text/markdown'],
      ['notes.TXT', 'notes', 'text/plain'],
      ['a/z.mdx', 'z', 'text/markdown'],
      ['a/deep/er.markdown', 'Deeper', 'text/markdown'],
    ]);
    expect(docs).toMatchObject({ version: '', files: pages.map(({ url }) => url) });
    expect(pages[0]?.chunks).toEqual([
      { content: '# Bee\n\nText.', metadata: { types: ['heading', 'text'], level: 1, path: ['Bee'] } },
    ]);
    expect(reasons).toEqual([]);
  });

  test('has URLs that are independent of its location, or start with baseUrl', async () => {
    await write('über uns/50% #1?.md', 'Text.');
    const path = '%C3%BCber%20uns/50%25%20%231%3F.md';
    expect((await read(root)).urls).toEqual([path]);
    expect((await read(root, { baseUrl: 'https://docs.example.org/v1' })).urls).toEqual([
      `https://docs.example.org/v1/${path}`,
    ]);
    await expect(openDocs(root, { baseUrl: 'nowhere' })).rejects.toThrow(TypeError);
  });

  test('may be filtered, and may be a single file', async () => {
    await write('keep.md', 'Keep.');
    await write('drop.md', 'Drop.');
    expect((await read(root, { filter: (path) => path !== 'drop.md' })).urls).toEqual(['keep.md']);
    expect((await read('keep.md', { from: root })).urls).toEqual(['keep.md']);
  });

  test.each<[DocsOptions, string[]]>([
    [{ include: ['guides/**/*.md'] }, ['guides/a.md', 'guides/deep/b.md']],
    [{ include: ['guides'] }, ['guides/a.md', 'guides/deep/b.md']],
    [{ include: ['*.md', 'guides/deep/**'] }, ['top.md', 'guides/deep/b.md']],
    [{ exclude: ['guides/deep'] }, ['top.md', 'guides/a.md', 'notes/c.txt']],
    [{ exclude: ['**/*.txt', 'top.md'] }, ['guides/a.md', 'guides/deep/b.md']],
    [{ include: ['guides'], exclude: ['**/b.md'] }, ['guides/a.md']],
    [{ include: ['guides/{a,x}.md'], filter: () => true }, ['guides/a.md']],
    [{ include: ['guides'], filter: (path) => !path.endsWith('a.md') }, ['guides/deep/b.md']],
    [{ include: ['nowhere/**'] }, []],
    [{ include: ['../**'] }, []],
  ])('is limited by globs: %j', async (options, urls) => {
    for (const path of ['top.md', 'guides/a.md', 'guides/deep/b.md', 'notes/c.txt', 'guides/code.js']) {
      await write(`docs/${path}`, 'Text.');
    }
    await write('outside.md', 'Text.');
    expect((await read(join(root, 'docs'), options)).urls).toEqual(urls);
  });

  test('is limited by globs with the same warnings, and not if it is a single file', async () => {
    await write('docs/a.md', 'Text.');
    await write('docs/b.md', 'Text.');
    await symlink(join(root, 'docs/a.md'), join(root, 'docs/link.md'));
    await symlink(join(root, 'docs/a.md'), join(root, 'docs/other.md'));
    const { urls, reasons } = await read(join(root, 'docs'), { exclude: ['other.md', 'b.md'] });
    expect(urls).toEqual(['a.md']);
    expect(reasons).toEqual(['symlink link.md']);
    expect((await read(join(root, 'docs/b.md'), { exclude: ['b.md'] })).urls).toEqual(['b.md']);
  });

  test.each([{ include: [] }, { exclude: [''] }, { include: 'guides' as never }, { exclude: [7 as never] }])(
    'is refused with globs that are none: %j',
    async (options) => {
      await expect(openDocs('/nowhere', options)).rejects.toThrow(/^(?:in|ex)clude must be a list of globs/);
    },
  );

  test('is split with the given sizes', async () => {
    await write('a.md', 'One sentence here. '.repeat(20));
    const { pages } = await read(root, { sizes: { min: 0, preferred: 40, max: 50 } });
    expect(pages[0]?.chunks.length).toBeGreaterThan(9);
    await expect(openDocs(root, { sizes: { max: 1 } })).rejects.toThrow(TypeError);
  });

  test('reports skipped files', async () => {
    await write('target/real.md', 'Real.');
    await symlink(join(root, 'target'), join(root, 'linked'));
    await symlink(join(root, 'target/real.md'), join(root, 'link.md'));
    await symlink(join(root, 'nowhere.md'), join(root, 'dangling.md'));
    await symlink(root, join(root, 'target/loop'));
    await write('binary.md', Uint8Array.of(35, 32, 0, 1, 2));
    await write('empty.md', ' \n\n');
    await write('huge.md', 'x'.repeat(2001));
    const seen: string[] = [];
    const { urls, reasons } = await read(root, {
      maxFileBytes: 2000,
      onWarning: ({ message }) => seen.push(message),
    });
    expect(urls).toEqual(['target/real.md']);
    expect(reasons).toEqual([
      'symlink dangling.md',
      'symlink link.md',
      'symlink linked',
      'symlink target/loop',
      'binary binary.md',
      'empty empty.md',
      'too-large huge.md',
    ]);
    expect(seen).toHaveLength(reasons.length);
    expect(seen.join()).toContain('2001 bytes exceed the maximum of 2000');
  });

  test('detects UTF-16 by its byte order mark and reports invalid UTF-8', async () => {
    await write('utf16.md', Buffer.from('\ufeff# Grüße\n\nText.', 'utf16le'));
    await write('latin1.md', Buffer.from('# Grüße\n\nText.', 'latin1'));
    await write('mark.md', '\ufeff# Grüße\n\nText.');
    const { pages, reasons } = await read(root);
    expect(pages.map(({ title }) => title)).toEqual(['Gr\ufffd\ufffde', 'Grüße', 'Grüße']);
    expect(reasons).toEqual(['encoding latin1.md']);
  });

  test('reports a file that disappears before it is read', async () => {
    await write('a.md', 'A.');
    await write('b.md', 'B.');
    const docs = await openDocs(root);
    await rm(join(root, 'a.md'));
    const urls = [];
    for await (const { url } of docs.pages()) urls.push(url);
    expect(urls).toEqual(['b.md']);
    expect(docs.warnings).toMatchObject([{ reason: 'unreadable', path: 'a.md' }]);
  });

  test.skipIf(process.getuid?.() === 0)('reports files and folders that cannot be read', async () => {
    await write('secret.md', 'Secret.');
    await write('closed/x.md', 'X.');
    await chmod(join(root, 'secret.md'), 0);
    await chmod(join(root, 'closed'), 0);
    try {
      expect((await read(root)).reasons).toEqual(['unreadable closed', 'unreadable secret.md']);
    } finally {
      await chmod(join(root, 'closed'), 0o700);
    }
  });

  test('that does not exist is an error with advice', async () => {
    await expect(openDocs('fastify', { from: root })).rejects.toMatchObject({
      code: 'STORAGE_NOT_FOUND',
      message: 'fastify does not exist. To read an installed package, write npm:fastify.',
    });
    // This can only be a path, not a package name.
    await expect(openDocs('./docs/fastify', { from: root })).rejects.toMatchObject({
      code: 'STORAGE_NOT_FOUND',
      message: expect.stringMatching(/does not exist\. Check the path\.$/),
    });
  });
});

describe('a package', () => {
  const here = fileURLToPath(new URL('.', import.meta.url));

  test('provides its documentation with its name and version', async () => {
    const { docs, urls, reasons } = await read('npm:fastify', { from: here });
    expect(docs.library).toBe('fastify');
    expect(docs.version).toMatch(/^5\./);
    expect(urls).toContain(`npm:fastify@${docs.version}/docs/Guides/Database.md`);
    expect(urls).toContain(`npm:fastify@${docs.version}/README.md`);
    expect(urls.length).toBeGreaterThan(40);
    expect(reasons).toEqual([]);
  });

  test('omits changelogs, licenses and stray texts', async () => {
    await write('node_modules/@a/b/package.json', '{"name":"@a/b","version":"1.2.3-beta.1"}');
    for (const path of [
      'README.md',
      'CHANGELOG.md',
      'docs/changelog.md',
      'LICENSE.md',
      'vendor.txt',
      'docs/a.txt',
    ]) {
      await write(`node_modules/@a/b/${path}`, 'Text.');
    }
    await write('src/app/x.js', '');
    const { urls } = await read('npm:@a/b', { from: join(root, 'src/app') });
    expect(urls).toEqual(['npm:@a/b@1.2.3-beta.1/README.md', 'npm:@a/b@1.2.3-beta.1/docs/a.txt']);
  });

  test('may be a symbolic link, as in workspaces', async () => {
    await write('packages/c/package.json', '{"name":"c","version":"2.0.0"}');
    await write('packages/c/README.md', '# See');
    await mkdir(join(root, 'node_modules'));
    await symlink(join(root, 'packages/c'), join(root, 'node_modules/c'));
    expect((await read('npm:c', { from: root })).urls).toEqual(['npm:c@2.0.0/README.md']);
  });

  test('that is not installed, or has an invalid name, is an error with advice', async () => {
    await expect(openDocs('npm:not-installed-here', { from: root })).rejects.toMatchObject({
      code: 'STORAGE_NOT_FOUND',
      message: expect.stringContaining('npm install not-installed-here'),
    });
    for (const name of ['../x', 'a/b', '@a/../b', '.bin']) {
      await expect(openDocs(`npm:${name}`, { from: root })).rejects.toMatchObject({
        code: 'STORAGE_NOT_FOUND',
      });
    }
  });
});

test('loadDocs yields the pages directly', async () => {
  await write('a.md', 'A.');
  const urls = [];
  for await (const { url } of loadDocs(root)) urls.push(url);
  expect(urls).toEqual(['a.md']);
});

describe('large files', () => {
  const large = `---\ntitle: Big\n---\n\n${'- [link](https://example.org/) and `code`\n'.repeat(5_000)}`;

  test('are split like small ones, without blocking the event loop', async () => {
    await write('big.md', large);
    const { pages } = await read(root);
    expect(pages[0]?.title).toBe('Big');
    expect(pages[0]?.chunks).toEqual(splitMarkdown(large).chunks);
  });

  test('are abandoned on abort', async () => {
    await write('a.md', 'Small.');
    await write('b.md', '1. a\n'.repeat(400_000));
    const abort = new AbortController();
    const urls: string[] = [];
    const docs = await openDocs(root, {
      signal: abort.signal,
      // As soon as the large file is being split.
      onProgress: ({ isLarge }) => isLarge && setImmediate(() => abort.abort(new Error('enough'))),
    });
    await expect(async () => {
      for await (const page of docs.pages()) urls.push(page.url);
    }).rejects.toThrow('enough');
    expect(urls).toEqual(['a.md']);
  });

  test('and small ones are announced before they are read', async () => {
    await write('a.md', 'Small.');
    await write('b.md', 'Other.');
    const seen: unknown[] = [];
    await read(root, { onProgress: ({ path, files, totalFiles }) => seen.push([path, files, totalFiles]) });
    expect(seen).toEqual([
      ['a.md', 0, 2],
      ['b.md', 1, 2],
      [null, 2, 2],
    ]);
  });
});

test('file names used as titles are decoded', async () => {
  await write('Troubleshooting Guide.md', 'No heading.');
  await write('Getting%20Started.md', 'No heading.');
  await write('50% off.md', 'No heading.');
  const { pages } = await read(root);
  expect(pages.map(({ url, title }) => [url, title])).toEqual([
    ['50%25%20off.md', '50% off'],
    ['Getting%2520Started.md', 'Getting Started'],
    ['Troubleshooting%20Guide.md', 'Troubleshooting Guide'],
  ]);
});

test('front matter is returned separately from the chunks', async () => {
  await write('a.md', '---\nid: a\n---\nText.');
  await write('b.md', 'Text.');
  const { pages } = await read(root);
  expect(pages.map(({ frontMatter }) => frontMatter)).toEqual([
    { format: 'yaml', data: { id: 'a' }, text: 'id: a\n' },
    null,
  ]);
});
