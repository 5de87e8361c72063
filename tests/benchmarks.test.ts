import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findSqld } from '@switchyard/sqld';
import { afterAll, describe, expect, it } from 'vitest';
import { Corpus } from '../bench/dist/corpus/pages.js';
import { readArguments } from '../bench/dist/harness/arguments.js';
import { findTruth, recallOf } from '../bench/dist/harness/ground-truth.js';
import type { Measurement } from '../bench/dist/harness/measurement.js';
import { makePictures } from '../bench/dist/pictures/make-pictures.js';
import { embeddingsFor } from '../bench/dist/scenarios/embeddings-for.js';

const root = join(import.meta.dirname, '..');
const folder = mkdtempSync(join(tmpdir(), 'switchyard-bench-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs the command of the benchmark. What it would keep or leave goes below `folder`. */
async function bench(name: string, ...rest: string[]): Promise<string> {
  const own = { cache: join(folder, name, 'cache'), temporary: join(folder, name, 'tmp') };
  for (const path of Object.values(own)) mkdirSync(path, { recursive: true });
  const env = { ...process.env, SWITCHYARD_BENCH_CACHE: own.cache, TMPDIR: own.temporary };
  const main = join(root, 'bench/dist/main.js');
  const { stdout } = await promisify(execFile)(process.execPath, [main, ...rest], { cwd: root, env });
  expect(readdirSync(own.cache), 'what was fetched or embedded').toEqual([]);
  expect(readdirSync(own.temporary), 'what was left behind').toEqual([]);
  return stdout;
}

/** Everything but peers, which may be installed or not. */
const contenders = [
  'libsql',
  'libsql-scan',
  'exact',
  'diskann',
  ...['sqlite-vec', 'legacy', 'app-sql'], // @legacy
].join(',');
/** Contenders of hybrid search. */
const hybrids = [
  'libsql',
  ...['legacy', 'app-sql'], // @legacy
];
/** Exact contenders of vector search. */
const scans = [
  'libsql',
  'libsql-scan',
  ...['sqlite-vec', 'legacy'], // @legacy
];
const size = ['--n', '60', '--dim', '16', '--k', '5', '--queries', '3'];

/** A tiny run of each scenario, and the contenders whose recall must be 1. */
const runs: readonly {
  readonly scenario: string;
  readonly options: readonly string[];
  readonly exact: readonly string[];
  readonly without?: boolean;
  readonly further?: (rows: readonly Measurement[]) => void;
}[] = [
  { scenario: 'hybrid', options: size, exact: hybrids },
  { scenario: 'vectors', options: size, exact: scans },
  { scenario: 'write', options: size, exact: [] },
  { scenario: 'size', options: size, exact: [] },
  { scenario: 'cold', options: size, exact: scans },
  { scenario: 'memory', options: [...size, '--contenders', 'libsql'], exact: [] },
  { scenario: 'small', options: [...size, '--contenders', 'legacy,libsql'], exact: ['libsql'] },
  {
    scenario: 'many-versions',
    options: [...size, '--versions', '2'],
    exact: hybrids,
  },
  { scenario: 'modes', options: [...size, '--n', '200'], exact: ['exact'], further: expectBothModes },
  {
    scenario: 'scaling',
    options: [...size, '--n', '1k', '--svg', join(folder, 'scaling.svg')],
    exact: scans,
  },
  { scenario: 'remote', options: size, exact: ['libsql-scan'], without: findSqld() === null },
  { scenario: 'context', options: size, exact: [], without: findSqld() === null },
  { scenario: 'loop', options: size, exact: [] },
];

describe.concurrent('a tiny run of synthetic text and vectors', () => {
  for (const { scenario, options, exact, further, without = false } of runs) {
    it.skipIf(without)(
      `of ${scenario} gives the documented JSON, and exact contenders miss nothing`,
      async () => {
        const json = join(folder, `${scenario}.json`);
        const shared = ['--synthetic', '--contenders', contenders, '--json', json];
        const output = await bench(scenario, scenario, ...shared, ...options);
        const rows = JSON.parse(readFileSync(json, 'utf8')) as Measurement[];
        const own = rows.filter((row) => row.scenario === scenario);
        expect(own).not.toEqual([]);
        for (const row of rows) expectDocumentedShape(row);
        for (const contender of exact) {
          const found = own.filter((row) => row.contender === contender);
          expect(found, contender).not.toEqual([]);
          for (const { recall, recallWorst = 1 } of found)
            expect([recall, recallWorst], contender).toEqual([1, 1]);
        }
        for (const { contender } of own) expect(output).toContain(contender);
        further?.(own);
      },
    );
  }
});

/** The modes differ by recall, bytes and time to build. */
function expectBothModes(rows: readonly Measurement[]): void {
  expect(rows.map(({ contender }) => contender)).toEqual(['exact', 'diskann']);
  for (const row of rows) {
    expect(row).toMatchObject({ n: 200, embedded: 200, reference: 'exact' });
    expect(row.recallWorst).toBeLessThanOrEqual(row.recall as number);
    expect(row.bytes?.memory).toBeGreaterThan(0);
    expect(row.buildMs).toBeGreaterThan(0);
  }
  const [exact, diskann] = rows as [Measurement, Measurement];
  // A byte a component; the graph holds every vector and codes of its neighbors.
  expect(exact.bytes?.disk).toBeGreaterThan(200 * 16);
  expect(diskann.bytes?.disk).toBeGreaterThan(200 * 16 * 4);
}

// @legacy-begin
it('bench:compare finds both backends equal on made-up text', async () => {
  const main = join(root, 'bench/dist/legacy/compare.js');
  const [report, json] = [join(folder, 'compare.html'), join(folder, 'compare.json')];
  const options = [
    '--synthetic',
    '--n',
    '200',
    '--dim',
    '16',
    '--repeat',
    '1',
    '--report',
    report,
    '--json',
    json,
  ];
  const { stdout } = await promisify(execFile)(process.execPath, [main, ...options], { cwd: root });
  expect(stdout).toContain('libsql gives the same answers as legacy');
  expect(JSON.parse(readFileSync(json, 'utf8'))).toMatchObject({
    pairs: [{ store: 'libsql', reference: 'legacy', tieAwareOverlap: 1, different: 0 }],
    stores: [{ recall: { worst: 1 } }, { recall: { worst: 1 } }],
  });
  expect(readFileSync(report, 'utf8')).toContain('libsql gives the same answers as legacy');
});
// @legacy-end

it('with --real, there is one real embedding for each text', async () => {
  const corpus = Corpus.synthetic(1_300);
  const n = 10_000;
  const progress = { say: () => undefined, step: () => undefined };
  const embedded = async (...argv: string[]) => {
    const bench = { arguments: readArguments(argv), corpus: async () => corpus, progress };
    return (await embeddingsFor(bench, { n, dim: 8 })).embedded;
  };
  expect(corpus.size).toBeGreaterThan(8_000);
  expect(await embedded('vectors', '--real')).toBe(corpus.size);
  expect(await embedded('vectors')).toBe(8_000);
});

/** docs/benchmarks.md, "The JSON". */
function expectDocumentedShape(row: Measurement): void {
  expect(row).toMatchObject({
    scenario: expect.any(String),
    contender: expect.any(String),
    n: expect.any(Number),
    dim: expect.any(Number),
    p50: expect.any(Number),
    p95: expect.any(Number),
    unit: expect.stringMatching(/^(ms|bytes\/chunk|MB)$/),
    samples: expect.any(Number),
  });
  expect(row.p95).toBeGreaterThanOrEqual(row.p50);
  expect(row.samples).toBeGreaterThan(0);
  expect(row.k === null || Number.isInteger(row.k)).toBe(true);
  expect(row.recall === null || (row.recall >= 0 && row.recall <= 1)).toBe(true);
  // A reference that did not take part leaves both out.
  expect(typeof row.ratio).toBe(row.reference === null ? 'object' : 'number');
  const documented = page.slice(page.indexOf('### The JSON'), page.indexOf('## Method'));
  for (const field of Object.keys(row)) expect(documented, field).toMatch(new RegExp(`["\`]${field}["\`]`));
}

describe('the recall', () => {
  const set = { dim: 1, count: 4, values: Float32Array.of(0, 1, 2, 3) };
  const truth = findTruth(set, Float32Array.of(0), 2);

  it('is the share of the nearest in an answer', () => {
    expect(recallOf(truth, [0, 1], 2)).toBe(1);
    expect(recallOf(truth, [0, 2], 2)).toBe(0.5);
    expect(recallOf(truth, [3, 2], 2)).toBe(0);
  });

  it('counts no row twice and none beyond the k-th', () => {
    expect(recallOf(truth, [0, 0], 2)).toBe(0.5);
    expect(recallOf(truth, [3, 0, 1], 2)).toBe(0.5);
  });

  it('counts a row as near as the k-th', () => {
    const twins = { dim: 1, count: 3, values: Float32Array.of(0, 1, -1) };
    expect(recallOf(findTruth(twins, Float32Array.of(0), 2), [0, 2], 2)).toBe(1);
  });
});

const page = readFileSync(join(root, 'docs/benchmarks.md'), 'utf8');

/** The first words, in backticks, of the rows of the table that begins with this heading. */
function documented(heading: string): string[] {
  const [, table = ''] = page.split(`| ${heading} |`);
  const lines = table.split('\n');
  const rows = lines.slice(2, lines.indexOf(''));
  return rows.map((line) => /^\| `([^` ]+)/.exec(line)?.[1] ?? line);
}

describe('the page about benchmarks', () => {
  it('names the scenarios that the help names, and they are those tested above', async () => {
    const help = await bench('help', '--help');
    const named = [...help.matchAll(/^ {2}[* ] ([a-z-]+) /gm)].map(([, name]) => name);
    expect(documented('scenario')).toEqual(named);
    expect(runs.map(({ scenario }) => scenario)).toEqual(named);
  });

  it('names the options that the help names', async () => {
    const help = await bench('help', '-h');
    const named = [...help.matchAll(/^ {2}(--[a-z]+)/gm)].map(([, name]) => name);
    expect(documented('option')).toEqual(named);
  });

  it('only uses existing scenarios and options', () => {
    const commands = [...page.matchAll(/^npm run bench -- (.+)$/gm)].map(([, words = '']) =>
      words.split(' '),
    );
    expect(commands.length).toBeGreaterThan(3);
    for (const [scenario = '', ...words] of commands) {
      expect(documented('scenario')).toContain(scenario);
      for (const word of words.filter((word) => word.startsWith('--')))
        expect(documented('option')).toContain(word);
    }
  });

  it.each([
    [['nothing'], "Unknown scenario 'nothing'. Known scenarios: hybrid, vectors"],
    [['vectors', '--fast'], "Unknown option '--fast'"],
    [['vectors', '--n', '0'], "--n must be a positive integer, not '0'."],
  ])('%j is refused with a reason', async (given, reason) => {
    const refused = bench('refused', ...given).then(
      () => 'it was accepted',
      (error: { readonly stderr: string }) => error.stderr,
    );
    expect(await refused).toContain(reason);
  });

  it('has the ten figures and the pictures that its tables give: npm run bench:pictures', () => {
    const made = makePictures(page);
    expect(made.page).toBe(page);
    for (const [name, svg] of Object.entries(made.images)) {
      expect(readFileSync(join(root, 'docs/images', name), 'utf8'), name).toBe(svg);
      expect(page).toContain(`(images/${name})`);
    }
    expect(page.split('<!-- end of figures -->')[0]?.match(/^\| \[/gm)).toHaveLength(10);
  });
});
