import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { run } from '@switchyard/cli';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Finished, switchyard, switchyardJson } from './support/command.js';
import { put, temporaryFolder } from './support/temp.js';

interface Result {
  readonly dataset: string;
  readonly queries: number;
  readonly limit: number;
  readonly mode: string;
  readonly ir: Readonly<Record<string, number>>;
  readonly measures: Readonly<Record<string, number>>;
  readonly intents: Readonly<Record<string, { readonly queries: number }>>;
  readonly libraries: Readonly<
    Record<string, { readonly queries: number; readonly ir: { readonly mrr: number } }>
  >;
  readonly missing: readonly string[];
  readonly gate?: { readonly outcome: string; readonly queriesNeeded: number; readonly limit?: number };
  readonly identity?: { readonly differing: readonly { readonly id: string; readonly rank: number }[] };
  readonly results: readonly {
    readonly id: string;
    readonly version: string | null;
    readonly pages: readonly object[];
  }[];
}

const folder = temporaryFolder();
const store = join(folder, 'docs.db');
const legacy = `sqlite-vec:${join(folder, 'legacy.db')}`; // @legacy
const dataset = join(folder, 'questions.yaml');
const subjects = ['server', 'plugins', 'logging', 'hooks', 'testing', 'schemas'];

const hybrid = (...args: string[]): Promise<Finished> => switchyard(['evaluate', store, ...args]);

/** By full text and in this process, which takes no time for starting Node and loading the model. */
async function evaluate(...args: string[]): Promise<Finished> {
  const [stdout, stderr] = [new Collected(), new Collected()];
  const code = await run({
    args: ['evaluate', store, ...args, '--fts-only'],
    env: {},
    stdin: Readable.from([]),
    stdout,
    stderr,
    signal: new AbortController().signal,
  });
  return { code, stdout: stdout.text, stderr: stderr.text };
}

async function evaluateJson(...args: string[]): Promise<Result> {
  return JSON.parse((await evaluate(...args, '--json')).stdout) as Result;
}

class Collected extends Writable {
  text = '';

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

function write(name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

/** A result in which every query found its pages in another order. */
function changed(
  name: string,
  change: (pages: readonly object[]) => readonly object[],
  rest: object = {},
): string {
  const result = JSON.parse(readFileSync(join(folder, 'before.json'), 'utf8')) as Result;
  const results = result.results.map((one) => ({ ...one, pages: change(one.pages) }));
  return write(name, JSON.stringify({ ...result, results, ...rest }));
}

beforeAll(async () => {
  const docs = join(folder, 'docs');
  for (const subject of subjects) {
    put(
      docs,
      `${subject}.md`,
      `# ${subject}\n\nAll about ${subject}: every guide to ${subject} of the framework.\n\n## More\n\nThe ${subject} again.\n`,
    );
  }
  const targets = [
    store,
    legacy, // @legacy
  ];
  for (const target of targets) {
    await switchyardJson(['index', docs, '--library', 'guide@1.2.0', '--store', target]);
  }
  const entries = subjects.flatMap((subject, index) =>
    Array.from({ length: 6 }, (_, copy) => ({
      vars: {
        library: 'Guide',
        query: `${subject} guide ${copy}`,
        intent: index % 2 === 0 ? 'api' : 'concept',
        qrels: [{ url: `${subject}.md#more`, grade: 3 }],
      },
    })),
  );
  // JSON is YAML.
  writeFileSync(dataset, JSON.stringify({ entries }));
  await evaluateJson('--dataset', dataset, '--output', join(folder, 'before.json'));
}, 120_000);

describe('a data set', () => {
  it('is measured, by intent and library', async () => {
    const result = JSON.parse((await hybrid('--dataset', dataset, '--json')).stdout) as Result;
    expect(result).toMatchObject({
      dataset: 'questions',
      queries: 36,
      limit: 30,
      mode: 'hybrid',
      missing: [],
    });
    expect(result.ir).toMatchObject({ mrr: 1, hit_at_1: 1, recall_at_3: 1, ndcg_at_10: 1 });
    expect(result.measures).toMatchObject({ map: 1, ndcg_exp: 1 });
    expect(Object.entries(result.intents).map(([name, { queries }]) => [name, queries])).toEqual([
      ['api', 18],
      ['concept', 18],
    ]);
    expect(Object.keys(result.libraries)).toEqual(['guide']);
    expect(result.results[0]).toMatchObject({ id: 'q1', version: '1.2.0' });
  });

  it('is shown to people with the limit and the effect that can be detected', async () => {
    const { code, stdout, stderr } = await evaluate('--dataset', dataset, '-n', '12');
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: expect.stringContaining('Guide resolved to Guide@1.2.0'),
    });
    expect(stdout).toContain('questions: 36 queries, 12 chunks per search, full text');
    expect(stdout).toMatch(/all +36 +1\.000/);
    expect(stdout).toContain('intent concept');
    expect(stdout).toContain('that 36 queries detect: 0.117 (standard deviation 0.25, power 80 %)');
    expect(stdout).toContain('36 queries found fewer than ten pages.');
  });

  it('counts the queries of a library that the store does not have as 0', async () => {
    const entry = (library: string) => ({
      library,
      query: 'plugins',
      qrels: [{ url: 'plugins.md', grade: 1 }],
    });
    const lines = (...libraries: string[]) =>
      libraries.map((library) => JSON.stringify(entry(library))).join('\n');
    const { stdout, stderr, code } = await evaluate(
      '--dataset',
      write('two.jsonl', lines('guide', 'other')),
      '--json',
    );
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: expect.stringContaining('does not have other: these queries count as 0'),
    });
    const result = JSON.parse(stdout) as Result;
    expect(result).toMatchObject({ queries: 2, missing: ['other'], ir: { mrr: 0.5 } });
    expect(result.libraries.other?.ir.mrr).toBe(0);
    const none = await evaluate('--dataset', write('none.jsonl', lines('other')));
    expect(none.code).toBe(1);
    expect(none.stderr).toContain('error [STORAGE_NOT_FOUND]');
  });

  it('may be TREC topics with judgments; runs and judgments are written', async () => {
    const topics = write('topics.tsv', '1\tplugins guide\n2\thooks\n');
    const qrels = write('qrels.txt', '1 0 plugins.md 2\n2 0 hooks.md 1\n');
    const run = join(folder, 'run.txt');
    const written = join(folder, 'written.txt');
    const trec = ['--dataset', topics, '--qrels', qrels, '--library', 'guide@1'];
    const result = await evaluateJson(...trec, '--run', run, '--write-qrels', written);
    expect(result).toMatchObject({ queries: 2, ir: { mrr: 1 }, intents: {} });
    expect(readFileSync(written, 'utf8')).toBe(readFileSync(qrels, 'utf8'));
    const scores = readFileSync(run, 'utf8')
      .trim()
      .split('\n')
      .map((line) => line.split(' '));
    expect(scores[0]?.slice(0, 4)).toEqual(['1', 'Q0', 'plugins.md', '1']);
    expect((await evaluateJson(...trec, '--baseline', run)).gate).toMatchObject({ outcome: 'pass', same: 2 });
  });
});

describe('a baseline', () => {
  it('passes when nothing changed', async () => {
    const { code, stdout } = await evaluate('--dataset', dataset, '--baseline', join(folder, 'before.json'));
    expect(code).toBe(0);
    expect(stdout).toContain('Pass: the loss is below 0.02 nDCG@10');
  });

  it('that was better makes the change fail, with exit code 3', async () => {
    const nothing = changed('nothing.json', () => []);
    const reversed = await evaluate('--dataset', dataset, '--baseline', nothing);
    expect(reversed.code).toBe(0);
    // Judged by other pages, today's rankings are worse than the same rankings reversed.
    const worst = JSON.parse(readFileSync(dataset, 'utf8')) as { entries: { vars: { qrels: object[] } }[] };
    const last = JSON.parse(readFileSync(join(folder, 'before.json'), 'utf8')) as {
      results: { pages: { document: string }[] }[];
    };
    for (const [index, { vars }] of worst.entries.entries()) {
      vars.qrels = [{ url: last.results[index]?.pages.at(-1)?.document, grade: 1 }];
    }
    const inverse = write('inverse.yaml', JSON.stringify(worst));
    const better = changed('better.json', (pages) => [...pages].reverse());
    // In a process of its own, whose exit code scripts see.
    const { code, stdout } = await hybrid('--dataset', inverse, '--baseline', better, '--fts-only');
    expect({ code, verdict: stdout.includes('Fail: ') }).toEqual({ code: 3, verdict: true });
  });

  it('with few queries is inconclusive, with exit code 4 and what is still needed', async () => {
    const few = write(
      'few.yaml',
      JSON.stringify(
        (JSON.parse(readFileSync(dataset, 'utf8')) as { entries: object[] }).entries.slice(0, 4),
      ),
    );
    const reversed = changed('reversed.json', (pages) => [...pages].reverse());
    const { code, stdout } = await evaluate('--dataset', few, '--baseline', reversed, '--json');
    expect(code).toBe(4);
    expect((JSON.parse(stdout) as Result).gate).toMatchObject({
      outcome: 'inconclusive',
      queries: 4,
      queriesNeeded: 26,
    });
  });

  it.each([
    [
      'another limit',
      () => changed('limit.json', (pages) => pages, { limit: 10 }),
      2,
      /measured with 10 chunks per search, not 30/,
    ],
    [
      'fewer queries',
      () => changed('fewer.json', (pages) => pages, { results: [{ id: 'q1', pages: [] }] }),
      1,
      /lacks 35 of the 36 queries/,
    ],
    ['no result', () => write('no.json', '{}'), 1, /CLI_DATASET_INVALID.*not a result/],
    ['broken JSON', () => write('broken.json', '{'), 1, /neither JSON nor a TREC run/],
    ['a page twice', () => changed('twice.json', (pages) => [...pages, ...pages]), 1, /ranks a page twice/],
    ['a bad run', () => write('bad.txt', 'q1 Q0 a\n'), 1, /bad\.txt:1: A line must be/],
    ['no file', () => join(folder, 'absent.json'), 1, /CLI_FILE.*absent\.json/],
  ])('is refused with %s', async (_name, file, exitCode, message) => {
    const { code, stderr, stdout } = await evaluate('--dataset', dataset, '--baseline', file());
    expect({ code, stdout }).toEqual({ code: exitCode, stdout: '' });
    expect(stderr).toMatch(message);
  });
});

describe('another store', () => {
  // @legacy-begin
  it('of another backend has the same rankings', async () => {
    const { code, stdout } = await hybrid('--dataset', dataset, '--identical-to', legacy);
    expect(code).toBe(0);
    expect(stdout).toContain('Identical: all 36 rankings are those of sqlite-vec:');
  });
  // @legacy-end

  it('that differs is reported with the first difference, exit code 3', async () => {
    const other = join(folder, 'other.db');
    put(
      join(folder, 'fewer'),
      'server.md',
      '# server\n\nAll about server: every guide to server of the framework.\n',
    );
    await switchyardJson(['index', join(folder, 'fewer'), '--library', 'guide@1.2.0', '--store', other]);
    const { code, stdout } = await hybrid('--dataset', dataset, '--identical-to', other);
    expect(code).toBe(3);
    expect(stdout).toMatch(/Different: 36 of 36 rankings/);
    expect(stdout).toMatch(
      /q7, rank 1: plugins\.md chunk 1, vector #\d+, full-text #1; there server\.md chunk 1/,
    );
  });
});

describe('mistakes', () => {
  it.each([
    ['no data set', [], 2, /--dataset/],
    [
      'a data set that is not there',
      ['--dataset', join(folder, 'absent.yaml')],
      1,
      /CLI_FILE.*cannot be read/,
    ],
    ['a folder', ['--dataset', folder], 1, /CLI_FILE.*is a folder/],
    ['topics without a library', ['--dataset', 'topics'], 1, /CLI_FILE/],
    ['both kinds of search', ['--dataset', dataset, '--embedder', 'offline'], 2, /exclude each other/],
    [
      'a fusion that is not known',
      ['--dataset', dataset, '--fusion', 'best'],
      2,
      /Allowed choices are tuned/,
    ],
    ['a margin of nothing', ['--dataset', dataset, '--margin', '0'], 2, /above 0/],
    [
      'an output that cannot be written',
      ['--dataset', dataset, '--output', join(folder, 'no', 'x.json')],
      1,
      /cannot be written/,
    ],
  ])('%s', async (_name, args, exitCode, message) => {
    const { code, stderr } = await evaluate(...args);
    expect(code).toBe(exitCode);
    expect(stderr.replaceAll('\n', ' ')).toMatch(message);
  });

  it('in a data set name the file and the line', async () => {
    const bad = write(
      'bad.yaml',
      'entries:\n  - vars:\n      library: guide\n      query: x\n      qrels:\n        - url: a\n          grade: 7\n',
    );
    const { code, stderr } = await evaluate('--dataset', bad);
    expect(code).toBe(1);
    expect(stderr).toContain('error [CLI_DATASET_INVALID]');
    expect(stderr).toContain('bad.yaml:7: "grade" must be a whole number from 0 to 3.');
  });
});
