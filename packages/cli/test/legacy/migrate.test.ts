import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { switchyard, switchyardJson } from '../support/command.js';
import { hasFixtures, unpack } from '../support/fixtures.js';
import { temporaryFolder } from '../support/temp.js';

const folder = temporaryFolder();
const note = hasFixtures ? '' : ' (skipped: ../shared/fixtures is missing)';

/** The bytes of a store. An empty log may stay beside it. */
function stateOf(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}

describe.skipIf(!hasFixtures)(`switchyard migrate${note}`, () => {
  it('is the only command that migrates: reading changes no byte, writing is refused with its name', async () => {
    const path = unpack('level-11-undici', folder);
    const store = `sqlite-vec:${path}`;
    const before = stateOf(path);
    expect(await switchyardJson(['libraries', store])).toHaveLength(3);
    const found = await switchyardJson(['search', store, 'undici', 'fetch', '--fts-only']);
    expect((found as { hits: unknown[] }).hits.length).toBeGreaterThan(0);
    expect((await switchyard(['verify', store, store])).code).toBe(0);
    const write = await switchyard(['index', folder, '--store', store, '--embedder', 'none']);
    expect(write.code).toBe(1);
    expect(stateOf(path)).toEqual(before);

    const plan = await switchyardJson(['migrate', store, '--dry-run']);
    const steps = [
      '012-add-source-content-type.sql',
      '013-create-metadata-table.sql',
      '014-rebuild-vector-partition-keys.sql',
    ];
    expect(plan).toMatchObject({ store, from: 11, to: 14, applied: steps, dryRun: true });
    expect(stateOf(path)).toEqual(before);

    const { code, stdout } = await switchyard(['migrate', store]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Migrated .* from level 11 to 14:\n {2}012-/);
    expect(await switchyardJson(['migrate', store])).toMatchObject({
      from: 14,
      to: 14,
      applied: [],
      steps: [],
    });
    expect(await switchyardJson(['search', store, 'undici', 'fetch', '--fts-only'])).toEqual(found);
  });

  it('refuses to write to an older store and names the command to migrate it', async () => {
    const path = unpack('level-13-undici', folder);
    const source = join(folder, 'docs');

    mkdirSync(source, { recursive: true });
    writeFileSync(join(source, 'a.md'), '# Title\n\nText.\n');
    const { code, stderr } = await switchyard([
      ...['index', source, '--store', `sqlite-vec:${path}`, '--library', 'docs', '--embedder', 'none'],
    ]);
    expect(code).toBe(1);
    expect(stderr).toContain('STORAGE_SCHEMA_OUTDATED');
    expect(stderr).toContain(`switchyard migrate sqlite-vec:${path}`);
  });

  it('refuses a missing store, as every command that reads does', async () => {
    const path = join(folder, 'empty.db');
    writeFileSync(path, '');
    for (const args of [['migrate'], ['libraries'], ['inspect']]) {
      const { code, stderr } = await switchyard([...args, path]);
      expect([code, stderr]).toEqual([1, expect.stringContaining('STORAGE_NOT_FOUND')]);
    }
    expect(readFileSync(path)).toHaveLength(0);
  });
});
