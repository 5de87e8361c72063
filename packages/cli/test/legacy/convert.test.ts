import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { switchyard, switchyardJson, switchyardProcess } from '../support/command.js';
import { asQueries, golden, hasFixtures, unpack } from '../support/fixtures.js';
import { temporaryFolder } from '../support/temp.js';

const folder = temporaryFolder();
const note = hasFixtures ? '' : ' (skipped: ../shared/fixtures is missing)';

describe.skipIf(!hasFixtures)(`convert${note}`, () => {
  it('creates a file with the rankings of the application', async () => {
    const legacy = unpack('level-14-three-libraries', folder);
    const before = readFileSync(legacy);
    const target = join(folder, 'new.db');
    const plan = await switchyardJson(['convert', legacy, '--to', target, '--dry-run']);
    expect(plan).toMatchObject({ dryRun: true, level: 14, counts: { chunks: 573 }, problemCounts: {} });
    expect(existsSync(target)).toBe(false);

    const done = await switchyardJson(['convert', legacy, '--to', target]);
    expect(done).toMatchObject({ target, legacy, counts: { vectors: 573 }, verification: { equal: true } });
    expect(readFileSync(legacy).equals(before)).toBe(true);

    const searches = golden('level-14-three-libraries.hybrid');
    const { stdout } = await switchyard(['search', target, '--queries', '-'], { input: asQueries(searches) });
    const answers = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { hits: { id: number }[] });
    expect(answers.map(({ hits }) => hits.map(({ id }) => id))).toEqual(
      searches.map(({ hits }) => hits.map(({ id }) => id)),
    );
  });

  it.each([
    ['level-11-undici', 193],
    ['level-13-undici', 193],
    ['level-14-three-libraries', 573],
  ] as const)(
    '%s in place, and back to a legacy file that is equal in every column',
    async (name, chunks) => {
      const own = join(folder, `back-${name}`);
      mkdirSync(own);
      const file = unpack(name, own);
      const { code, stdout } = await switchyard(['convert', file, '--in-place']);
      expect(code).toBe(0);
      expect(stdout).toContain(`${file}.legacy-backup`);
      const back = `sqlite-vec:${join(own, 'back.db')}`;
      await switchyardJson(['copy', file, back]);
      const result = await switchyardJson(['verify', `sqlite-vec:${file}.legacy-backup`, back, '--deep']);
      expect(result).toMatchObject({ equal: true, deep: true, differenceCount: 0 });
      // The backend of the legacy format opens it, too.
      expect(await switchyardJson(['inspect', back])).toMatchObject({
        backend: 'sqlite-vec',
        counts: { chunks, vectors: chunks },
        vectorStats: { unusable: 0 },
      });
      const again = (await switchyardJson(['copy', file, back])) as { pages: number; pagesUnchanged: number };
      expect(again.pages).toBeGreaterThan(0);
      expect(again.pagesUnchanged).toBe(again.pages);
    },
  );

  it.each([
    [['convert', 'x.db'], 2, 'CLI_USAGE'],
    [['convert', 'x.db', '--to', 'y.db', '--in-place'], 2, 'CLI_USAGE'],
    [['convert', 'x.db', '--to', 'y.db', '--backup', 'z'], 2, 'CLI_USAGE'],
    [['convert', join(folder, 'missing.db'), '--to', join(folder, 'y.db')], 1, 'STORAGE_NOT_FOUND'],
  ])('%s is refused', async (args, code, name) => {
    const finished = await switchyardProcess(args, { cwd: folder });
    expect(finished.code).toBe(code);
    expect(finished.stderr).toContain(`error [${name}]`);
  });

  it('is ended by Ctrl-C without changing the legacy store, and resumes', async () => {
    const legacy = unpack('level-13-undici', folder);
    const before = readFileSync(legacy);
    const target = join(folder, 'interrupted.db');
    const finished = await switchyardProcess(['convert', legacy, '--to', target], {
      onStart: (child) => child.stderr?.once('data', () => child.kill('SIGINT')),
    });
    expect(readFileSync(legacy).equals(before)).toBe(true);
    // It may have been done before the signal came.
    expect([0, 130]).toContain(finished.code);
    expect(existsSync(target)).toBe(finished.code === 0);
    if (finished.code !== 0) await switchyardJson(['convert', legacy, '--to', target]);
    expect(await switchyardJson(['verify', `sqlite-vec:${legacy}`, target, '--deep'])).toMatchObject({
      equal: true,
    });
  });
});

describe.skipIf(!hasFixtures)(`verify${note}`, () => {
  it('names what differs, and ends with 1', async () => {
    const legacy = unpack('level-14-no-embeddings', folder);
    const target = join(folder, 'changed.db');
    await switchyardJson(['convert', legacy, '--to', target]);
    const { code, stdout } = await switchyard(['verify', `sqlite-vec:${legacy}`, target]);
    expect([code, stdout.slice(0, 6)]).toEqual([0, 'Equal:']);

    const other = join(folder, 'other.db');
    const index = ['index', 'pino', '--library', 'pino', '--store', other, '--embedder', 'none'];
    await switchyardJson(index);
    const different = await switchyard(['verify', target, other]);
    expect(different.code).toBe(1);
    expect(different.stdout).toMatch(/^Different: \d+ differences/);
    expect(different.stdout).toContain('pino@10');

    const withVectors = await switchyard([
      'verify',
      `sqlite-vec:${unpack('level-11-undici', folder)}`,
      other,
    ]);
    expect(withVectors.stdout).toMatch(/^ {2}profile: /m);
    expect(withVectors.stdout).not.toMatch(/^ *:/m);
  });

  it('never treats the legacy store as its own file', async () => {
    const own = join(folder, 'names');
    mkdirSync(own);
    const file = unpack('level-11-undici', own);
    const before = readFileSync(file);
    for (const [args, code, message] of [
      [['--in-place', '--backup', file], 1, /cannot have the name of the store itself/],
      [['--in-place', '--backup', join(own, 'missing', 'b.db')], 1, /does not exist/],
      [['--to', join(own, 'new.db'), '--report', file], 1, /exists and is not a report/],
      [['--to', join(own, 'new.db'), '--report', file, '--dry-run'], 1, /exists and is not a report/],
      [['--to', `sqlite-vec:${join(own, '.', 'level-11-undici.db')}`], 2, /are the same store/],
    ] as const) {
      const { code: ended, stdout, stderr } = await switchyard(['convert', file, ...args]);
      expect(stderr).toMatch(message);
      expect([ended, stdout]).toEqual([code, '']);
      expect(readFileSync(file).equals(before)).toBe(true);
      expect(readdirSync(own)).toEqual(['level-11-undici.db']);
    }
  });
});
