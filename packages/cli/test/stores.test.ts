import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { switchyard, switchyardJson } from './support/command.js';
import { hasFixtures, unpack } from './support/fixtures.js';
import { put, temporaryFolder } from './support/temp.js';

const folder = temporaryFolder();
const store = join(folder, 'docs.db');

beforeAll(async () => {
  const docs = join(folder, 'docs');
  put(docs, 'one.md', '# One\n\nThe first page.\n');
  put(docs, 'two.md', '# Two\n\nThe second page.\n');
  const none = ['--embedder', 'none'];
  await switchyardJson(['index', docs, '--library', 'guide@1.0.0', '--store', store, ...none]);
  await switchyardJson(['index', docs, '--library', 'guide@10.0.0', '--store', store, ...none]);
  await switchyardJson(['index', docs, '--library', 'Guide', '--store', store, ...none]);
});

describe('libraries', () => {
  it('lists versions newest first, after the unversioned one', async () => {
    const [library] = (await switchyardJson(['libraries', store])) as {
      name: string;
      versions: { name: string }[];
    }[];
    expect(library?.name).toBe('guide');
    expect(library?.versions.map(({ name }) => name)).toEqual(['', '10.0.0', '1.0.0']);
    expect(library?.versions[0]).toMatchObject({
      status: 'completed',
      urls: 2,
      progress: { pages: 2, maxPages: 2 },
    });
  });

  it('shows a table', async () => {
    const { code, stdout } = await switchyard(['libraries', store]);
    expect(code).toBe(0);
    const lines = stdout.trimEnd().split('\n');
    expect(lines).toHaveLength(4);
    expect(lines[0]).toMatch(/^library +version +status +progress +pages +chunks/);
    expect(lines[1]).toMatch(/^guide +\(unversioned\) +completed +2\/2 +2 /);
  });
});

describe('inspect', () => {
  it('reports the model, counts and sizes of a store', async () => {
    const report = await switchyardJson(['inspect', store]);
    expect(report).toMatchObject({
      backend: 'libsql',
      location: store,
      counts: { libraries: 1, versions: 3, pages: 6 },
      profile: null,
      capabilities: { persistent: true },
      schema: { state: 'current' },
    });
    const { stdout, code } = await switchyard(['inspect', store]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^schema +level \d+ \(current/m);
    expect(stdout).toMatch(/^count: pages +6$/m);
    expect(stdout).toMatch(/^can: persistent +yes$/m);
    expect((report as { bytesPerChunk: number }).bytesPerChunk).toBeGreaterThan(100);
    expect(stdout).toMatch(/^size: a chunk +[\d.]+ KiB$/m);
  });
});

describe('optimize', () => {
  it('optimizes a store and reports the size per chunk', async () => {
    const written = await switchyardJson(['libraries', store]);
    const { bytesPerChunk } = (await switchyardJson(['optimize', store])) as {
      bytesPerChunk: { before: number; after: number };
    };
    expect(bytesPerChunk.after).toBeGreaterThan(0);
    expect(bytesPerChunk.after).toBeLessThanOrEqual(bytesPerChunk.before);
    expect(await switchyardJson(['libraries', store])).toEqual(written);
    const { stdout, code } = await switchyard(['optimize', store]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^The store is optimized: [\d.]+ KiB per chunk, [\d.]+ KiB before\.$/m);
  });

  // @legacy-begin
  it('is refused by a backend without it', async () => {
    const legacy = `sqlite-vec:${join(folder, 'not-optimized.db')}`;
    await switchyardJson(['copy', store, legacy]);
    const { code, stderr } = await switchyard(['optimize', legacy]);
    expect(code).toBe(1);
    expect(stderr).toContain('STORAGE_NOT_SUPPORTED');
  });
  // @legacy-end
});

describe('copy', () => {
  it('copies a store into another backend and back again', async () => {
    const scheme = 'sqlite-vec:'; // @legacy
    // @after-legacy: const scheme = 'file:';
    const other = `${scheme}${join(folder, 'copied.db')}`;
    const again = join(folder, 'again.db');
    const copied = await switchyardJson(['copy', store, other]);
    expect(copied).toMatchObject({ libraries: 1, versions: 3, pages: 6 });
    await switchyardJson(['copy', other, again]);
    const overview = await switchyardJson(['libraries', store]);
    expect(await switchyardJson(['libraries', other])).toEqual(overview);
    expect(await switchyardJson(['libraries', again])).toEqual(overview);
    const text = await switchyard(['copy', store, other]);
    expect(text.stdout).toMatch(/^Copied 1 library, 3 versions, 6 pages, \d+ chunks, 0 vectors to /);
    expect(text.stdout).toContain(` to ${scheme}`);
  });

  it('into a store with other content is refused with advice, without changing it', async () => {
    const [docs, other] = [join(folder, 'other'), join(folder, 'other.db')];
    put(docs, 'page.md', '# Page\n\nOf another library.\n');
    await switchyardJson(['index', docs, '--library', 'other', '--store', other, '--embedder', 'none']);
    const before = await switchyardJson(['libraries', other]);
    const { code, stdout, stderr } = await switchyard(['copy', store, other]);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/error \[STORAGE_CONSTRAINT\]: .*\n {2}.* copy into an empty store/);
    expect(await switchyardJson(['libraries', other])).toEqual(before);
  });
});

describe('a missing store', () => {
  it.each([['libraries'], ['inspect'], ['search', 'guide', 'x'], ['copy', join(folder, 'target.db')]])(
    'is not created by %s',
    async (command, ...rest) => {
      const missing = join(folder, 'missing.db');
      const { code, stderr } = await switchyard([command, missing, ...rest]);
      expect(code).toBe(1);
      expect(stderr).toContain('error [STORAGE_NOT_FOUND]');
      expect(existsSync(missing)).toBe(false);
      expect(existsSync(join(folder, 'target.db'))).toBe(false);
    },
  );
});

describe('a file that is not a store of the backend', () => {
  it('is refused and not changed: a text', async () => {
    const file = join(folder, 'notes.txt');
    const text = 'These are notes, not a database.\n'.repeat(50);
    writeFileSync(file, text);
    for (const command of ['inspect', 'libraries']) {
      const { code, stderr } = await switchyard([command, file]);
      expect(code).toBe(1);
      expect(stderr).toMatch(/^error \[STORAGE_SCHEMA_UNSUPPORTED\]/);
    }
    expect(readFileSync(file, 'utf8')).toBe(text);
  });

  // @legacy-begin
  it('is refused with advice: a libSQL store opened as a legacy one', async () => {
    const { code, stderr } = await switchyard(['inspect', `sqlite-vec:${store}`]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error \[STORAGE_SCHEMA_UNSUPPORTED\]/);
  });
  // @legacy-end

  it.skipIf(!hasFixtures)('is refused with advice: a legacy store opened as libSQL', async () => {
    const legacy = unpack('level-14-three-libraries', folder);
    const before = readFileSync(legacy);
    const { code, stderr } = await switchyard(['libraries', legacy]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error \[STORAGE_SCHEMA_UNSUPPORTED\]/);
    expect(stderr).toContain('sqlite-vec');
    expect(readFileSync(legacy).equals(before)).toBe(true);
  });
});
