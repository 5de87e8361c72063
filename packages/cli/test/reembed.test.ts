import type { ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs'; // @legacy
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { switchyard, switchyardJson, switchyardProcess } from './support/command.js';
import { EmbeddingEndpoint, endpointDimension } from './support/embedding-endpoint.js';
import { put, temporaryFolder } from './support/temp.js';

interface Reembedded {
  readonly outcome: string;
  readonly profile: { readonly model: string; readonly dimension: number };
  readonly resumed: number;
  readonly embedded: number;
  readonly vectors: number;
  readonly givenUp: number;
}

const CHUNKS = 150;
const folder = temporaryFolder();
const docs = join(folder, 'docs');
const model = ['--embedder', 'openai:new-model'] as const;
let endpoint: EmbeddingEndpoint;

beforeAll(async () => {
  endpoint = await EmbeddingEndpoint.start();
  for (let page = 0; page < CHUNKS; page++) {
    put(docs, `page-${page}.md`, `# Page ${page}\n\nzebra ${'okapi '.repeat((page % 9) + 1)}\n`);
  }
});
afterAll(() => endpoint.stop());

/** Makes a store that was indexed with a model. */
async function indexed(store: string, with_: string): Promise<void> {
  await switchyardJson(['index', docs, '--library', 'guide@1', '--store', store, '--embedder', with_], {
    env: endpoint.env,
  });
}

const hits = async (store: string, with_: string) =>
  (
    (await switchyardJson(['search', store, 'guide@1', 'zebra okapi', '--embedder', with_, '--limit', '20'], {
      env: endpoint.env,
    })) as { hits: readonly { url: string; score: number; vecRank: number; ftsRank: number }[] }
  ).hits.map(({ url, score, vecRank, ftsRank }) => ({ url, score, vecRank, ftsRank }));

/** `inspect` shows what is staged. */
async function expectUnfinished(store: string): Promise<void> {
  const { staging } = (await switchyardJson(['inspect', store])) as {
    staging: { profile: object; staged: number; missing: number; total: number };
  };
  expect(staging).toMatchObject({
    profile: { model: 'openai:new-model', dimension: endpointDimension },
    total: CHUNKS,
  });
  expect(staging.staged).toBeGreaterThanOrEqual(64);
  expect(staging.staged).toBeLessThan(CHUNKS);
  expect(staging.missing).toBe(CHUNKS - staging.staged);
  const { stdout } = await switchyard(['inspect', store]);
  expect(stdout).toMatch(
    new RegExp(
      `^unfinished re-embedding +openai:new-model, ${endpointDimension} dimensions, .*: ${staging.staged} done, ${staging.missing} missing`,
      'm',
    ),
  );
}

// @legacy-begin
/** `convert` says in plan, output and report that staged vectors stay behind, and carries over those in use. */
async function expectLeftBehind(store: string): Promise<void> {
  const target = join(folder, 'converted.db');
  const problem = { 'reembedding-unfinished': 1 };
  const legacy = store.replace('sqlite-vec:', '');
  const plan = await switchyard(['convert', legacy, '--to', target, '--dry-run']);
  expect(plan.stdout).toMatch(/unfinished re-embedding: its new vectors are not converted/);
  expect(plan.stdout).toMatch(/openai:new-model .* is not finished: \d+ of 150 chunks have a new vector/);
  const done = await switchyard(['convert', legacy, '--to', target]);
  expect(done.code).toBe(0);
  expect(done.stdout).toMatch(/unfinished re-embedding: its new vectors are not converted/);
  const lines = readFileSync(`${target}.conversion-report.jsonl`, 'utf8').trim().split('\n');
  expect(lines.map((line) => JSON.parse(line))).toEqual(
    expect.arrayContaining([expect.objectContaining({ kind: 'reembedding-unfinished' })]),
  );
  expect(await switchyardJson(['inspect', target])).toMatchObject({
    staging: null,
    profile: { model: 'openai:old-model' },
    counts: { vectors: CHUNKS },
  });
  expect(await switchyardJson(['convert', legacy, '--to', `${target}.2`])).toMatchObject({
    problemCounts: problem,
  });
}
// @legacy-end

describe.each([
  ['libSQL', ''],
  ['sqlite-vec', 'sqlite-vec:'], // @legacy
])('reembed on %s', (name, prefix) => {
  const at = (file: string) => `${prefix}${join(folder, `${name}-${file}.db`)}`;

  it('resumes after a kill without embedding finished chunks again; searches are unchanged until then', async () => {
    const store = at('killed');
    await indexed(store, 'openai:old-model');
    const before = await hits(store, 'openai:old-model');
    expect(before).toHaveLength(20);

    let running: ChildProcess | undefined;
    const held = endpoint.holdAfter(2);
    const killed = switchyardProcess(['reembed', store, ...model], {
      env: endpoint.env,
      onStart: (child) => {
        running = child;
      },
    });
    await held;
    running?.kill('SIGKILL');
    expect((await killed).code).toBe(null);
    endpoint.release();
    expect(await hits(store, 'openai:old-model')).toEqual(before);
    await expectUnfinished(store);

    endpoint.takeTexts();
    const result = (await switchyardJson(['reembed', store, ...model], { env: endpoint.env })) as Reembedded;
    const texts = endpoint.takeTexts();
    expect(result).toMatchObject({ outcome: 'switched', vectors: CHUNKS, givenUp: 0 });
    expect(result.profile).toMatchObject({ model: 'openai:new-model', dimension: endpointDimension });
    expect(result.resumed).toBeGreaterThanOrEqual(64);
    expect(result.resumed + result.embedded).toBe(CHUNKS);
    expect(await switchyardJson(['inspect', store])).toMatchObject({ staging: null });
    // One more text may have been asked for: the one that tells the dimension.
    expect(texts.filter((text) => text.includes('<url>'))).toHaveLength(result.embedded);

    const fresh = at('fresh');
    await indexed(fresh, 'openai:new-model');
    expect(await hits(store, 'openai:new-model')).toEqual(await hits(fresh, 'openai:new-model'));
    const refused = await switchyard(
      ['index', docs, '--library', 'guide@1', '--store', store, '--embedder', 'openai:old-model'],
      { env: endpoint.env },
    );
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('STORAGE_MODEL_CHANGED');
  });

  it('keeps its progress after Ctrl-C; another model is refused, and --abort discards it', async () => {
    const store = at('stopped');
    await indexed(store, 'openai:old-model');
    let running: ChildProcess | undefined;
    const held = endpoint.holdAfter(2);
    const stopped = switchyardProcess(['reembed', store, ...model], {
      env: endpoint.env,
      onStart: (child) => {
        running = child;
      },
    });
    await held;
    running?.kill('SIGINT');
    expect((await stopped).code).toBe(130);
    endpoint.release();

    const other = await switchyard(['reembed', store, '--embedder', 'openai:third-model'], {
      env: endpoint.env,
    });
    expect(other.code).toBe(1);
    expect(other.stderr).toContain('STORAGE_STAGING_CONFLICT');
    expect(other.stderr).toContain('--abort');

    if (name === 'sqlite-vec') await expectLeftBehind(store); // @legacy

    const { aborted, discarded } = (await switchyardJson(['reembed', store, '--abort'])) as {
      aborted: boolean;
      discarded: number;
    };
    expect(aborted).toBe(true);
    expect(discarded).toBeGreaterThanOrEqual(64);
    expect(await switchyardJson(['reembed', store, '--abort'])).toEqual({ aborted: false, discarded: 0 });
    expect(await hits(store, 'openai:old-model')).toHaveLength(20);
  });

  it('reports that there is nothing to do, and runs anyway with --force', async () => {
    const store = at('same');
    await indexed(store, 'openai:new-model');
    endpoint.takeTexts();
    const { code, stdout } = await switchyard(['reembed', store, ...model], { env: endpoint.env });
    expect(code).toBe(0);
    expect(stdout).toContain('--force');
    expect(endpoint.takeTexts().filter((text) => text.includes('<url>'))).toEqual([]);
    const forced = await switchyard(['reembed', store, ...model, '--force'], { env: endpoint.env });
    expect(forced.code).toBe(0);
    expect(forced.stdout).toContain(`${CHUNKS} embedded in this run`);
  });
});

describe('reembed', () => {
  it.each([
    [['reembed', 'docs.db']],
    [['reembed', 'docs.db', '--embedder', 'none']],
    [['reembed', 'docs.db', '--embedder', 'offline', '--abort']],
  ])('%j is a usage error', async (args) => {
    const { code, stderr } = await switchyardProcess(args, { cwd: folder });
    expect(code).toBe(2);
    expect(stderr).toContain('CLI_USAGE');
  });
});
