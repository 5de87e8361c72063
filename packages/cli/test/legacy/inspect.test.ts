import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { switchyard, switchyardJson } from '../support/command.js';
import { hasFixtures, unpack } from '../support/fixtures.js';
import { temporaryFolder } from '../support/temp.js';

const folder = temporaryFolder();
const note = hasFixtures ? '' : ' (skipped: ../shared/fixtures is missing)';

/** The application's own step from level 011 to 012. */
function toLevel12(path: string): string {
  const database = new Database(path);
  database.exec(`
    ALTER TABLE pages ADD COLUMN source_content_type TEXT;
    INSERT INTO _schema_migrations (id) VALUES ('012-add-source-content-type.sql')`);
  database.close();
  return path;
}

const stores: readonly [level: number, unpacked: () => string, pending: number][] = [
  [11, () => unpack('level-11-undici', folder), 3],
  [12, () => toLevel12(unpack('level-11-undici', folder)), 2],
  [13, () => unpack('level-13-undici', folder), 1],
];

/** The bytes of a store, and what is beside it. */
function stateOf(path: string): unknown {
  return { bytes: readFileSync(path).toString('latin1'), names: readdirSync(dirname(path)).sort() };
}

describe.skipIf(!hasFixtures)(`inspect of a legacy store that is not of the latest level${note}`, () => {
  it.each(stores)('shows level %i and changes no byte', async (level, unpacked, pending) => {
    const path = unpacked();
    const before = stateOf(path);
    for (const store of [`sqlite-vec:${path}`, `sqlite-vec:${path}?migrate=manual`]) {
      const report = await switchyardJson(['inspect', store]);
      expect(report).toMatchObject({
        backend: 'sqlite-vec',
        location: store,
        schema: { state: 'pending', level, latest: 14 },
        counts: { chunks: 193, vectors: 193 },
        vectorStats: { indexed: 193, without: 0, unusable: 0 },
      });
      expect((report as { pendingSteps: unknown[] }).pendingSteps).toHaveLength(pending);
      const { code, stdout } = await switchyard(['inspect', store]);
      expect(code).toBe(0);
      expect(stdout).toMatch(
        new RegExp(`^schema +level ${level} \\(pending; this version writes 14\\)`, 'm'),
      );
      expect(stdout).toMatch(/^pending: 014-rebuild-vector-partition-keys\.sql /m);
    }
    expect(stateOf(path)).toEqual(before);
  });

  it('changes no byte of a store with a rollback journal', async () => {
    const path = unpack('level-13-undici', folder);
    const database = new Database(path);
    database.pragma('journal_mode = DELETE');
    database.close();
    const before = stateOf(path);
    expect(await switchyardJson(['inspect', `sqlite-vec:${path}`])).toMatchObject({ schema: { level: 13 } });
    expect(stateOf(path)).toEqual(before);
  });

  it('leaves both stores of verify as they are', async () => {
    const [a, b] = [join(folder, 'a.db'), join(folder, 'b.db')];
    for (const path of [a, b]) writeFileSync(path, readFileSync(unpack('level-13-undici', folder)));
    const bytes = () => [a, b].map((path) => readFileSync(path).toString('latin1'));
    const before = bytes();
    expect(await switchyardJson(['verify', `sqlite-vec:${a}`, `sqlite-vec:${b}`])).toMatchObject({
      equal: true,
    });
    expect(bytes()).toEqual(before);
  });

  it('shows all of a store of the latest level, with nothing pending', async () => {
    const path = unpack('level-14-no-embeddings', folder);
    const before = stateOf(path);
    expect(await switchyardJson(['inspect', `sqlite-vec:${path}`])).toMatchObject({
      schema: { state: 'current', level: 14 },
      pendingSteps: [],
      counts: { libraries: 1 },
    });
    expect(stateOf(path)).toEqual(before);
  });
});
