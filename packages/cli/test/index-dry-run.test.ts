import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeOldStore } from '../../../tests/support/legacy/old-store.js'; // @legacy
import { EmbeddingEndpoint } from './support/embedding-endpoint.js';
import { runHere, runHereJson } from './support/in-process.js';
import { put, temporaryFolder } from './support/temp.js';

const folder = temporaryFolder();
const docs = join(folder, 'docs');
const store = join(folder, 'store.db');
let endpoint: EmbeddingEndpoint;

interface Preview {
  readonly texts: number;
  readonly chunks: number;
  readonly characters: number;
  readonly tokensEstimated: number;
}

beforeAll(async () => {
  endpoint = await EmbeddingEndpoint.start();
  put(
    docs,
    'a.md',
    '# A\n\nThe first page, which is a little longer than the others.\n\n## Part\n\nMore of it.\n',
  );
  put(docs, 'b.md', '# B\n\nThe second page.\n');
  put(docs, 'c.md', '# C\n\nThe third page.\n');
});
afterAll(() => endpoint.stop());

const index = (...args: string[]) =>
  runHereJson(['index', docs, '--store', store, '--embedder', 'openai:model', ...args], {
    env: endpoint.env,
  });

/** Texts that a real run embeds, without the one that finds out the dimension of an unknown model. */
async function embeddedBy(...args: string[]): Promise<string[]> {
  endpoint.takeTexts();
  await index(...args);
  return endpoint.takeTexts().filter((text) => text.startsWith('<title>'));
}

/** Digests of all files of the folder: nothing may change. */
function digests(): Record<string, string> {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.includes('.'),
  );
  return Object.fromEntries(
    names.map((name) => [
      name,
      createHash('sha256')
        .update(readFileSync(join(folder, name)))
        .digest('hex'),
    ]),
  );
}

/** Runs `index --dry-run`, which must write, create and embed nothing. */
async function preview(...args: string[]): Promise<Preview> {
  endpoint.takeTexts();
  const before = digests();
  const result = (await index('--dry-run', ...args)) as Preview;
  expect(digests()).toEqual(before);
  expect(endpoint.takeTexts()).toEqual([]);
  return result;
}

describe('index --dry-run', () => {
  it('predicts the first run without creating the store', async () => {
    const expected = await preview();
    expect(expected).toMatchObject({
      dryRun: true,
      library: 'docs',
      version: '',
      storeExists: false,
      embedder: 'openai:model',
      pagesAdded: 3,
      pagesChanged: 0,
      pagesUnchanged: 0,
    });
    expect(existsSync(store)).toBe(false);
    const texts = await embeddedBy();
    expect(expected).toMatchObject({
      texts: texts.length,
      chunks: texts.length,
      characters: texts.join('').length,
    });
    expect(expected.tokensEstimated).toBeGreaterThan(expected.characters / 5);
    expect(expected.tokensEstimated).toBeLessThan(expected.characters / 2);
  });

  it('predicts that nothing is to be done', async () => {
    expect(await preview()).toMatchObject({ storeExists: true, pagesUnchanged: 3, chunks: 0, texts: 0 });
    const { stdout } = await runHere([
      'index',
      docs,
      '--store',
      store,
      '--embedder',
      'openai:model',
      '--dry-run',
    ]);
    expect(stdout).toMatch(
      /^Would index docs into .*: 3 pages \(0 new, 0 changed, 3 unchanged\), 0 chunks to write\./,
    );
    expect(stdout).toContain(
      '0 texts would be embedded with openai:model: about 0 tokens.\nNothing was changed.\n',
    );
  });

  it('predicts changes, and pages to delete', async () => {
    put(docs, 'b.md', '# B\n\nThe second page, changed.\n');
    put(docs, 'd.md', '# D\n\nA page that is new.\n');
    rmSync(join(docs, 'c.md'));
    const expected = await preview();
    expect(expected).toMatchObject({
      pagesAdded: 1,
      pagesChanged: 1,
      pagesUnchanged: 1,
      pagesVanished: ['c.md'],
      vanishedDeleted: true,
    });
    expect(await preview('--keep-missing')).toMatchObject({
      pagesVanished: ['c.md'],
      vanishedDeleted: false,
    });
    expect((await embeddedBy()).length).toBe(expected.texts);
  });

  it('predicts --force, --chunk-size and globs', async () => {
    expect(await preview('--force')).toMatchObject({ pagesChanged: 3, texts: 3 });
    const smaller = await preview('--chunk-size', '64', '--force');
    expect(smaller.texts).toBeGreaterThan(3);
    expect(await preview('--include', 'a.md')).toMatchObject({
      pagesUnchanged: 1,
      pagesVanished: ['b.md', 'd.md'],
      vanishedDeleted: false,
      otherSources: [expect.stringContaining('docs')],
    });
    expect(await preview('--include', 'a.md', '--replace-source')).toMatchObject({ vanishedDeleted: true });
  });

  it('predicts a change of the model, and refuses it like a real run', async () => {
    const other = ['index', docs, '--store', store, '--dry-run', '--embedder', 'openai:other'];
    const refused = await runHere(other);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/STORAGE_MODEL_CHANGED[\s\S]*--reset-vectors/);
    expect(await runHereJson([...other, '--reset-vectors'])).toMatchObject({
      embedder: 'openai:other',
      pagesChanged: 3,
      texts: 3,
    });
  });

  it('needs no key, and embeds nothing with --embedder none', async () => {
    const args = ['index', docs, '--dry-run', '--store', join(folder, 'other.db')];
    expect(await runHereJson([...args, '--embedder', 'openai:model'])).toMatchObject({ texts: 3 });
    expect(await runHereJson([...args, '--embedder', 'none'])).toMatchObject({
      texts: 0,
      chunks: 3,
      embedder: null,
    });
    expect(await runHereJson(args)).toMatchObject({
      embedder: expect.stringMatching(/use-lite-512$/),
      texts: 3,
    });
    expect(existsSync(join(folder, 'other.db'))).toBe(false);
  });

  it('predicts vectors that earlier runs left out', async () => {
    const later = join(folder, 'later.db');
    await runHereJson(['index', docs, '--store', later, '--embedder', 'none']);
    const args = ['index', docs, '--store', later, '--dry-run'];
    expect(await runHereJson([...args, '--embedder', 'none'])).toMatchObject({
      pagesUnchanged: 3,
      chunks: 0,
    });
    expect(await runHereJson([...args, '--embedder', 'openai:model'])).toMatchObject({
      pagesChanged: 3,
      texts: 3,
    });
  });

  // @legacy-begin
  it('refuses a store whose schema the real run may not write', async () => {
    const old = join(folder, 'old.db');
    await makeOldStore(old);
    const run = (connection: string, ...more: string[]) =>
      runHere(['index', docs, '--store', connection, '--embedder', 'none', ...more]);
    for (const more of [['--dry-run'], []]) {
      const { code, stderr } = await run(`sqlite-vec:${old}`, ...more);
      expect([code, stderr]).toEqual([1, expect.stringContaining('STORAGE_SCHEMA_OUTDATED')]);
    }
    expect(await run(`sqlite-vec:${old}?migrate=auto`, '--dry-run')).toMatchObject({ code: 0 });
  });
  // @legacy-end

  it('does not mistake a missing folder for a new store', async () => {
    const nowhere = join(folder, 'no', 'such', 'a.db');
    const { code, stderr } = await runHere(['index', docs, '--store', nowhere, '--dry-run']);
    expect(code).toBe(1);
    expect(stderr).toContain('STORAGE_NOT_FOUND');
  });
});

describe('index with globs', () => {
  it('keeps what other globs left out until it is told to replace the source', async () => {
    const selected = join(folder, 'selected.db');
    const run = (...args: string[]) =>
      runHereJson(['index', docs, '--store', selected, '--embedder', 'none', ...args]);
    expect(await run('--include', 'a.md', '--include', 'b.md')).toMatchObject({ pagesAdded: 2 });
    expect(await run('--include', 'a.md')).toMatchObject({ pagesVanished: ['b.md'], vanishedDeleted: false });
    expect(await run()).toMatchObject({ pagesAdded: 1, pagesUnchanged: 2, pagesVanished: [] });
    expect(await run('--exclude', 'd.md')).toMatchObject({ pagesVanished: ['d.md'], vanishedDeleted: false });
    expect(await run('--exclude', 'd.md', '--replace-source')).toMatchObject({ vanishedDeleted: true });
    expect(await run('--exclude', 'd.md')).toMatchObject({ pagesUnchanged: 2, pagesVanished: [] });
    rmSync(join(docs, 'b.md'));
    // The same globs: the page is gone from the source itself.
    expect(await run('--exclude', 'd.md')).toMatchObject({ pagesVanished: ['b.md'], vanishedDeleted: true });
  });

  it('says so if they select nothing', async () => {
    const { code, stderr } = await runHere([
      'index',
      docs,
      '--store',
      join(folder, 'none.db'),
      '--include',
      'nothing/**',
    ]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/CLI_NO_DOCUMENTS.*that --include and --exclude select/);
    expect(existsSync(join(folder, 'none.db'))).toBe(false);
  });
});
