import { chmodSync, readdirSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  type Finished,
  jsonLines,
  switchyard,
  switchyardJson,
  switchyardProcess,
} from './support/command.js';
import { EmbeddingEndpoint, endpointDimension } from './support/embedding-endpoint.js';
import { put, temporaryFolder } from './support/temp.js';

interface IndexAnswer {
  readonly library: string;
  readonly version: string;
  readonly pagesAdded: number;
  readonly pagesChanged: number;
  readonly pagesUnchanged: number;
  readonly pagesVanished: readonly string[];
  readonly vanishedDeleted: boolean;
  readonly chunksWritten: number;
}

interface VersionState {
  readonly name: string;
  readonly status: string;
  readonly progress: { readonly pages: number; readonly maxPages: number };
  readonly errorMessage: string | null;
  readonly sourceUrl: string | null;
  readonly chunks: number;
  readonly urls: number;
}

const folder = temporaryFolder();
const forms = [
  ['libSQL', ''],
  ['sqlite-vec', 'sqlite-vec:'], // @legacy
] as const;
let stores = 0;

/** A store and a folder of documentation that no other test uses. */
function fresh(prefix = ''): { docs: string; store: string } {
  stores += 1;
  return { docs: join(folder, `docs-${stores}`), store: `${prefix}${join(folder, `store-${stores}.db`)}` };
}

async function indexJson(docs: string, store: string, ...args: string[]): Promise<IndexAnswer> {
  return (await switchyardJson([
    'index',
    docs,
    '--library',
    'guide@1.0.0',
    '--store',
    store,
    ...args,
  ])) as IndexAnswer;
}

async function stateOf(store: string): Promise<VersionState> {
  const [library] = (await switchyardJson(['libraries', store])) as { versions: VersionState[] }[];
  const [version] = library?.versions ?? [];
  if (version === undefined) throw new Error('The store has no version.');
  return version;
}

describe.each(forms)('indexing into %s', (_name, prefix) => {
  const none = ['--embedder', 'none'];

  it('writes only changed pages, and deletes missing ones', async () => {
    const { docs, store } = fresh(prefix);
    for (const page of ['a', 'b', 'sub/c'])
      put(docs, `${page}.md`, `# Page ${page}\n\nThe text of ${page}.\n`);
    expect(await indexJson(docs, store, ...none)).toMatchObject({
      pagesAdded: 3,
      chunksWritten: 3,
      pagesVanished: [],
    });
    expect(await indexJson(docs, store, ...none)).toMatchObject({
      pagesAdded: 0,
      pagesUnchanged: 3,
      chunksWritten: 0,
    });

    put(docs, 'b.md', '# Page b\n\nAnother text.\n');
    put(docs, 'd.md', '# Page d\n\nA new page.\n');
    rmSync(join(docs, 'sub', 'c.md'));
    expect(await indexJson(docs, store, ...none, '--keep-missing')).toMatchObject({
      pagesAdded: 1,
      pagesChanged: 1,
      pagesUnchanged: 1,
      pagesVanished: ['sub/c.md'],
      vanishedDeleted: false,
      chunksWritten: 2,
    });
    expect((await stateOf(store)).urls).toBe(4);
    const { code, stdout } = await switchyard([
      ...['index', docs, '--library', 'guide@1.0.0', '--store', store],
      ...none,
    ]);
    expect(code).toBe(0);
    expect(stdout).toContain('3 pages (0 new, 0 changed, 3 unchanged)');
    expect(stdout).toContain('Deleted 1 page that the source no longer has:\n  sub/c.md');
    expect((await stateOf(store)).urls).toBe(3);
    expect(await indexJson(docs, store, ...none, '--force')).toMatchObject({
      pagesChanged: 3,
      chunksWritten: 3,
    });
  });

  it('stores status, progress and source with the version', async () => {
    const { docs, store } = fresh(prefix);
    put(docs, 'a.md', '# A\n\nText.\n');
    put(docs, 'empty.md', '');
    await indexJson(docs, store, ...none);
    const state = await stateOf(store);
    expect(state).toMatchObject({
      name: '1.0.0',
      status: 'completed',
      progress: { pages: 1, maxPages: 1 },
      urls: 1,
    });
    expect(state.sourceUrl).toMatch(/^file:\/\/.*\/docs-\d+$/);
  });
});

describe('the source', () => {
  it('may be an installed package, whose name and version are the default', async () => {
    const { store } = fresh();
    const project = join(folder, 'project');
    put(project, 'node_modules/some-lib/package.json', '{"name":"some-lib","version":"3.1.4"}');
    put(project, 'node_modules/some-lib/README.md', '# Some lib\n\nWhat it does.\n');
    const args = ['index', 'some-lib', '--store', store, '--embedder', 'none'];
    expect(await switchyardJson(args, { cwd: project })).toMatchObject({
      library: 'some-lib',
      version: '3.1.4',
    });
    expect((await stateOf(store)).sourceUrl).toBe('npm:some-lib@3.1.4');
    const named = [...args, '--library', 'Other'];
    expect(await switchyardJson(named, { cwd: project })).toMatchObject({
      library: 'other',
      version: '3.1.4',
    });
    const unversioned = [...args, '--library', 'other@'];
    expect(await switchyardJson(unversioned, { cwd: project })).toMatchObject({
      library: 'other',
      version: '',
    });
  });

  it('must exist and contain documentation, or no store is created', async () => {
    const { docs, store } = fresh();
    const missing = await switchyardProcess(['index', 'no-such-thing', '--store', store], { cwd: folder });
    expect(missing.code).toBe(1);
    expect(missing.stderr).toContain('error [STORAGE_NOT_FOUND]');
    put(docs, 'code.js', 'export {};\n');
    const empty = await switchyard(['index', docs, '--store', store]);
    expect(empty.code).toBe(1);
    expect(empty.stderr).toContain('error [CLI_NO_DOCUMENTS]');
    expect((await switchyard(['libraries', store])).stderr).toContain('STORAGE_NOT_FOUND');
  });

  it.skipIf(process.getuid?.() === 0)('that cannot be read is not treated as missing', async () => {
    const { docs, store } = fresh();
    put(docs, 'a.md', '# A\n\nText.\n');
    put(docs, 'sub/b.md', '# B\n\nText.\n');
    await indexJson(docs, store, '--embedder', 'none');
    chmodSync(join(docs, 'sub'), 0);
    try {
      expect(await indexJson(docs, store, '--embedder', 'none')).toMatchObject({ vanishedDeleted: false });
    } finally {
      chmodSync(join(docs, 'sub'), 0o755);
    }
    expect((await stateOf(store)).urls).toBe(2);
  });
});

describe('embedding', () => {
  let endpoint: EmbeddingEndpoint;
  const openai = ['--embedder', 'openai:test-model'];
  const pages = 200;

  beforeAll(async () => {
    endpoint = await EmbeddingEndpoint.start();
  });
  afterAll(() => endpoint.stop());
  beforeEach(() => {
    endpoint.release();
    endpoint.takeTexts();
  });

  function manyPages(docs: string): void {
    for (let i = 0; i < pages; i++)
      put(docs, `page-${i}.md`, `# Page ${i}\n\nThe text of page number ${i}.\n`);
  }

  function run(docs: string, store: string, ...args: string[]): Promise<Finished> {
    const { env } = endpoint;
    return switchyard(['index', docs, '--library', 'guide@1.0.0', '--store', store, ...openai, ...args], {
      env,
    });
  }

  it.each(forms)('is stopped cleanly by Ctrl-C and resumes afterwards: %s', async (_name, prefix) => {
    const { docs, store } = fresh(prefix);
    manyPages(docs);
    const held = endpoint.holdAfter(2);
    const interrupted = await switchyardProcess(
      ['index', docs, '--library', 'guide@1.0.0', '--store', store, ...openai],
      { env: endpoint.env, onStart: (child) => void held.then(() => child.kill('SIGINT')) },
    );
    expect(interrupted.stderr).toContain('error [CLI_INTERRUPTED]');
    expect(interrupted.code).toBe(130);
    const before = await stateOf(store);
    expect(before).toMatchObject({ status: 'cancelled', errorMessage: null });
    expect(before.urls).toBeGreaterThan(0);
    expect(before.urls).toBeLessThan(pages);
    expect(before.progress).toEqual({ pages: before.urls, maxPages: pages });

    endpoint.release();
    endpoint.takeTexts();
    const resumed = await run(docs, store, '--json');
    expect(resumed.code).toBe(0);
    expect(JSON.parse(resumed.stdout)).toMatchObject({
      pagesUnchanged: before.urls,
      pagesAdded: pages - before.urls,
    });
    expect(endpoint.takeTexts()).toHaveLength(pages - before.urls);
    expect(await stateOf(store)).toMatchObject({
      status: 'completed',
      urls: pages,
      progress: { pages, maxPages: pages },
    });
  });

  it('is ended by SIGTERM with its own exit code', async () => {
    const { docs, store } = fresh();
    manyPages(docs);
    const held = endpoint.holdAfter(1);
    const { code } = await switchyardProcess(
      ['index', docs, '--library', 'guide@1.0.0', '--store', store, ...openai],
      {
        env: endpoint.env,
        onStart: (child) => void held.then(() => child.kill('SIGTERM')),
      },
    );
    expect(code).toBe(143);
    expect((await stateOf(store)).status).toBe('cancelled');
  });

  it('that fails sets the status to failed, with the reason and without secrets', async () => {
    const { docs, store } = fresh();
    put(docs, 'a.md', '# A\n\nText.\n');
    endpoint.fail(401);
    const { code, stdout, stderr } = await run(docs, store);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^error \[STORAGE_EMBEDDING_FAILED\]/m);
    expect(stderr).not.toContain('SECRET');
  });

  it('that fails midway keeps the pages before', async () => {
    const { docs, store } = fresh();
    put(docs, 'a.md', '# A\n\nText.\n');
    expect((await run(docs, store)).code).toBe(0);
    put(docs, 'b.md', '# B\n\nText.\n');
    endpoint.fail(400);
    expect((await run(docs, store)).code).toBe(1);
    const state = await stateOf(store);
    expect(state).toMatchObject({ status: 'failed', urls: 1 });
    expect(state.errorMessage).not.toBeNull();
    endpoint.release();
    expect((await run(docs, store)).code).toBe(0);
    expect(await stateOf(store)).toMatchObject({ status: 'completed', errorMessage: null, urls: 2 });
  });

  it('is added to pages that were indexed without it', async () => {
    const { docs, store } = fresh();
    put(docs, 'a.md', '# A\n\nText.\n');
    put(docs, 'b.md', '# B\n\nText.\n');
    await indexJson(docs, store, '--embedder', 'none');
    const { code, stdout } = await run(docs, store, '--json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ pagesChanged: 2, pagesUnchanged: 0 });
    const inspected = await switchyardJson(['inspect', store]);
    expect(inspected).toMatchObject({
      profile: { model: 'openai:test-model', dimension: endpointDimension },
      vectorStats: { indexed: 2, without: 0 },
    });
  });

  it('left out of a store with vectors is said, and only then', async () => {
    const { docs, store } = fresh();
    put(docs, 'a.md', '# A\n\nText.\n');
    const without = ['--library', 'other', '--store', store, '--embedder', 'none'];
    expect((await switchyard(['index', docs, ...without])).stderr).not.toContain('only full-text search');
    expect((await run(docs, store)).stderr).not.toContain('only full-text search');
    expect((await switchyard(['index', docs, ...without])).stderr).toContain(
      'The store has vectors, but these pages get none: only full-text search finds them.',
    );
  });

  it('with another model must be confirmed', async () => {
    const { docs, store } = fresh();
    put(docs, 'a.md', '# A\n\nText.\n');
    expect((await run(docs, store)).code).toBe(0);
    const asked = await switchyard(['index', docs, '--library', 'guide@1.0.0', '--store', store]);
    expect(asked.code).toBe(2);
    expect(asked.stderr).toContain('openai:test-model');
    const refused = await run(docs, store, '--embedder', 'offline');
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('error [STORAGE_MODEL_CHANGED]');
    expect(refused.stderr).toContain('--reset-vectors');
    const nothing = await run(docs, store, '--embedder', 'none', '--reset-vectors');
    expect([nothing.code, nothing.stdout]).toEqual([2, '']);
    expect(nothing.stderr).toContain('--embedder none');
    const confirmed = await run(docs, store, '--embedder', 'offline', '--reset-vectors', '--json');
    expect(confirmed.code).toBe(0);
    expect(JSON.parse(confirmed.stdout)).toMatchObject({ pagesChanged: 1 });
    expect(await switchyardJson(['inspect', store])).toMatchObject({
      profile: { model: 'energetic-ai:use-lite-512', dimension: 512 },
      vectorStats: { indexed: 1, without: 0 },
    });
  });

  it('requires a key if the model is specified', async () => {
    const { docs, store } = fresh();
    put(docs, 'a.md', '# A\n\nText.\n');
    const { code, stderr } = await switchyard(['index', docs, '--store', store, ...openai]);
    expect(code).toBe(1);
    expect(stderr).toContain('OPENAI_API_KEY');
    expect(readdirSync(dirname(store))).not.toContain(basename(store)); // no empty store is left behind
  });
});

describe('progress', () => {
  it('is at most a few lines outside a terminal, and lines of JSON with --json', async () => {
    const { docs, store } = fresh();
    for (let i = 0; i < 30; i++) put(docs, `${i}.md`, `# ${i}\n\nText ${i}.\n`);
    const args = ['index', docs, '--library', 'guide', '--store', store, '--embedder', 'none', '--force'];
    const text = await switchyard(args);
    // Nothing, or on a slow machine a line every ten seconds.
    expect(text.stderr).toMatch(/^(?:Indexing guide: \d+\/30 pages\n)*$/);
    expect(text.stderr.split('\n').length).toBeLessThanOrEqual(12);
    const json = await switchyard([...args, '--json']);
    expect(jsonLines(json.stderr).at(-1)).toEqual({
      progress: { label: 'Indexing guide', done: 30, total: 30, unit: 'pages' },
    });
  });
});

describe('a page without a title of its own', () => {
  it.each(forms)('is found by the words of its file name: %s', async (_, prefix) => {
    const { docs, store } = fresh(prefix);
    put(docs, 'Troubleshooting Guide.md', 'Look at the log.\n');
    await switchyardJson(['index', docs, '--library', 'names', '--store', store, '--embedder', 'none']);
    const found = await switchyardJson(['search', store, 'names', 'guide', '--fts-only']);
    const hit = { url: 'Troubleshooting%20Guide.md', title: 'Troubleshooting Guide' };
    expect(found).toMatchObject({ hits: [hit] });
  });
});

describe('chunks that are too large for the model', () => {
  it.each(forms)(
    'are stored without a vector, listed, and not retried in every run: %s',
    async (_, prefix) => {
      const endpoint = await EmbeddingEndpoint.start();
      try {
        endpoint.limit(512);
        const { docs, store } = fresh(prefix);
        put(docs, 'long.md', `# Long\n\n${'管理系统'.repeat(300)}\n\nheron\n`);
        put(docs, 'short.md', '# Short\n\nText.\n');
        const args = ['index', docs, '--library', 'zh', '--store', store, '--embedder', 'openai:m', '--json'];
        const index = async (...more: string[]) => {
          const { code, stdout, stderr } = await switchyard([...args, ...more], { env: endpoint.env });
          return { code, stderr, report: JSON.parse(stdout) as object, texts: endpoint.takeTexts().length };
        };
        const first = await index();
        expect(first.code).toBe(1);
        expect(first.report).toMatchObject({
          pagesAdded: 2,
          tooLarge: [{ url: 'long.md', sortOrders: [0] }],
        });
        expect(first.stderr).toContain('STORAGE_EMBEDDING_TOO_LARGE');
        expect(first.stderr).toContain('long.md: chunk 1');
        expect(await switchyardJson(['search', store, 'zh', 'heron', '--fts-only'])).toMatchObject({
          hits: [{ url: 'long.md' }],
        });
        const again = await index();
        expect(again).toMatchObject({ code: 1, texts: 0, report: { pagesUnchanged: 2 } });
        expect(again.stderr).toContain('long.md: chunk 1');
        const forced = await index('--force');
        expect(forced.code).toBe(1);
        expect(forced.texts).toBeGreaterThan(0);
        const smaller = await index('--chunk-size', '300');
        expect(smaller).toMatchObject({ code: 0, report: { tooLarge: [] } });
        expect(await index('--chunk-size', '300')).toMatchObject({ code: 0, texts: 0 });
      } finally {
        await endpoint.stop();
      }
    },
  );
});
