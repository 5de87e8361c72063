import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { findSqld, type SqldServer, sqldHint, startSqld } from '@switchyard/sqld';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runHere, runHereJson } from './support/in-process.js';
import { put, temporaryFolder } from './support/temp.js';

const folder = temporaryFolder();
const found = findSqld() !== null;
if (!found && process.env.CI === 'true') throw new Error(`CI runs with a real server. ${sqldHint()}`);

describe.skipIf(!found)(`switchyard sync${found ? '' : ` (skipped: ${sqldHint()})`}`, () => {
  let server: SqldServer;
  let replica: string;

  beforeAll(async () => {
    server = await startSqld();
    replica = `file:${join(folder, 'replica.db')}?syncUrl=${server.url}&isolation=inline`;
    put(folder, 'docs/a.md', '# A\n\nThe first page.\n');
    await index('first');
  });
  afterAll(() => server.stop());

  const index = (library: string) =>
    runHereJson([
      'index',
      join(folder, 'docs'),
      '--library',
      library,
      '--store',
      server.url,
      '--embedder',
      'none',
    ]);

  it('creates a replica, and fetches what others wrote since', async () => {
    const created = (await runHereJson(['sync', replica])) as { frame: number; framesFetched: number };
    expect(created).toMatchObject({
      primary: server.url,
      frame: expect.any(Number),
      framesFetched: expect.any(Number),
      syncedAt: expect.stringMatching(/^\d{4}-.*Z$/),
      secondsBehind: expect.any(Number),
    });
    expect(created.framesFetched).toBeGreaterThan(0);
    await index('second');
    const synced = (await runHereJson(['sync', replica])) as typeof created;
    expect(synced.framesFetched).toBeGreaterThan(0);
    expect(synced.frame).toBe(created.frame + synced.framesFetched);
    expect(await runHereJson(['sync', replica])).toMatchObject({ frame: synced.frame, framesFetched: 0 });
  });

  it('prints frames and position for people, without the token', async () => {
    await index('third');
    const env = { SWITCHYARD_STORE: `${replica}&authToken=SECRET` };
    const { code, stdout, stderr } = await runHere(['sync'], { env });
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(
      /^file:.*replica\.db.* is in sync with http.*\. \d+ frames? fetched, now at frame \d+ \(.*Z\)\.\n$/,
    );
    expect(stdout).not.toContain('SECRET');
    expect((await runHere(['sync', replica])).stdout).toContain('. It was up to date, now at frame ');
  });

  it('is refused for a server, which has nothing to sync', async () => {
    const { code, stderr } = await runHere(['sync', server.url]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/STORAGE_NOT_SUPPORTED.*is not a replica/);
  });
});

describe('switchyard sync of another store', () => {
  it.each([
    'missing.db',
    ':memory:',
    'sqlite-vec:legacy.db', // @legacy
    'libsql://host?authToken=SECRET',
  ])('is refused with the form of a replica: %s', async (store) => {
    const { code, stdout, stderr } = await runHere(['sync', store]);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(
      /STORAGE_NOT_SUPPORTED\]: .* is not a replica.*\n {2}.*file:PATH\?syncUrl=libsql:\/\/HOST/,
    );
    expect(stderr).not.toContain('SECRET');
    expect(existsSync('missing.db')).toBe(false);
  });
});
