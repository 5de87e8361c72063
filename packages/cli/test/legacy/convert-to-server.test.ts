import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { findSqld, type SqldServer, sqldHint, startSqld } from '@switchyard/sqld';
import { afterAll, describe, expect, it } from 'vitest';
import { jsonLines, switchyard, switchyardJson, switchyardProcess } from '../support/command.js';
import { asQueries, golden, hasFixtures, unpack, unpackUntidy } from '../support/fixtures.js';
import { temporaryFolder } from '../support/temp.js';

const hasServer = findSqld() !== null;
if (!hasServer && process.env.CI === 'true') throw new Error(`CI runs with a real server. ${sqldHint()}`);
const note = hasFixtures
  ? hasServer
    ? ''
    : ` (skipped: ${sqldHint()})`
  : ' (skipped: ../shared/fixtures is missing)';

const folder = temporaryFolder();
const servers: SqldServer[] = [];
afterAll(() => Promise.all(servers.map((server) => server.stop())));

/** Digests of a file and of its log. */
function digests(path: string): string[] {
  return [path, `${path}-wal`]
    .filter((file) => existsSync(file) && statSync(file).size > 0)
    .map((file) => createHash('sha256').update(readFileSync(file)).digest('hex'));
}

describe.skipIf(!hasFixtures || !hasServer)(`convert --to a server${note}`, () => {
  it.each([
    ['level-11-undici', null],
    ['level-13-undici', null],
    ['level-14-no-embeddings', 'level-14-no-embeddings.words'],
    ['level-14-three-libraries', 'level-14-three-libraries.hybrid'],
  ] as const)('%s: equal in every column, and the rankings of the application', async (name, rankings) => {
    const server = await startSqld();
    servers.push(server);
    const legacy = unpack(name, folder);
    const before = digests(legacy);
    expect(await switchyardJson(['convert', legacy, '--to', server.url])).toMatchObject({
      problemCounts: {},
      verification: { equal: true },
    });
    expect(digests(legacy)).toEqual(before);
    expect(await switchyardJson(['verify', `sqlite-vec:${legacy}`, server.url, '--deep'])).toMatchObject({
      equal: true,
      deep: true,
    });
    if (rankings === null) return;
    const searches = golden(rankings);
    const { stdout } = await switchyard(['search', server.url, '--queries', '-'], {
      input: asQueries(searches),
    });
    const answers = jsonLines(stdout) as { hits: { id: number; vecRank?: number; ftsRank?: number }[] }[];
    const ranks = (hits: readonly { id: number; vecRank?: number | null; ftsRank?: number | null }[]) =>
      hits.map(({ id, vecRank, ftsRank }) => [Number(id), vecRank ?? null, ftsRank ?? null]);
    expect(answers.map(({ hits }) => ranks(hits))).toEqual(searches.map(({ hits }) => ranks(hits)));
  });

  it('the untidy one, with its WAL: every fault is reported and nothing else is lost', async () => {
    const server = await startSqld();
    servers.push(server);
    const legacy = unpackUntidy(folder);
    expect(statSync(`${legacy}-wal`).size).toBeGreaterThan(0);
    const before = digests(legacy);
    const result = (await switchyardJson(['convert', legacy, '--to', server.url])) as { report: string };
    expect(result).toMatchObject({
      chunks: 270,
      vectors: 264,
      problemCounts: { 'vector-missing': 4, 'vector-unusable': 2, 'index-differs': 21, 'index-orphan': 1 },
      verification: { equal: true },
    });
    expect(digests(legacy)).toEqual(before);
    const problems = jsonLines(readFileSync(result.report, 'utf8')) as { kind: string; id: number | null }[];
    expect(problems.filter(({ kind }) => kind === 'vector-missing').map(({ id }) => id)).toEqual([
      309, 310, 311, 578,
    ]);
    expect(await switchyardJson(['inspect', server.url])).toMatchObject({
      counts: { chunks: 270, vectors: 264 },
    });
  });

  it('killed in the middle and run again completes', async () => {
    const server = await startSqld();
    servers.push(server);
    mkdirSync(join(folder, 'killed'));
    const legacy = unpack('level-13-undici', join(folder, 'killed'));
    await switchyardProcess(['convert', legacy, '--to', server.url], {
      onStart: (child) => child.stderr?.once('data', () => child.kill('SIGKILL')),
    });
    expect(await switchyardJson(['convert', legacy, '--to', server.url])).toMatchObject({
      verification: { equal: true },
    });
    expect(await switchyardJson(['verify', `sqlite-vec:${legacy}`, server.url, '--deep'])).toMatchObject({
      equal: true,
    });
  });
});
