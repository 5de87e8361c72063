import { join } from 'node:path';
import Database from 'libsql';
import { expect, it } from 'vitest';
import { switchyard, switchyardJson } from './support/command.js';
import { put, temporaryFolder } from './support/temp.js';

const folder = temporaryFolder();

async function indexed(name: string, prefix = ''): Promise<string> {
  const docs = join(folder, `${name}-docs`);
  for (let n = 0; n < 5; n++) put(docs, `${n}.md`, `# Page ${n}\n\nGiraffes and zebras.\n`);
  const store = `${prefix}${join(folder, `${name}.db`)}`;
  await switchyardJson(['index', docs, '--library', 'animals', '--store', store, '--embedder', 'none']);
  return store;
}

function plant(file: string, sql: string): void {
  const database = new Database(file);
  database.exec(sql);
  database.close();
}

const swap = `
  PRAGMA writable_schema = ON;
  UPDATE sqlite_master
  SET rootpage = (
    SELECT sum(rootpage) FROM sqlite_master WHERE name IN ('documents_by_version', 'versions_by_source_url')
  ) - rootpage
  WHERE name IN ('documents_by_version', 'versions_by_source_url')`;

it('damage that makes searches return nothing is found by check and doctor, and repaired', async () => {
  const store = await indexed('swapped');
  plant(store, swap);
  const doctor = await switchyard(['doctor', store]);
  expect(doctor.code).toBe(1);
  expect(doctor.stdout).toContain('documents_by_version');
  const found = await switchyard(['check', store]);
  expect(found.code).toBe(1);
  expect(found.stdout).toMatch(/engine: The index documents_by_version is damaged/);
  const repaired = await switchyard(['check', store, '--repair', '--json']);
  expect(repaired.code).toBe(0);
  expect(JSON.parse(repaired.stdout)).toMatchObject({
    sound: true,
    damages: [],
    repair: { repaired: [expect.stringContaining('Rebuild the indexes')] },
  });
  const search = await switchyard(['search', store, 'animals', 'giraffes', '--fts-only', '--json']);
  expect((JSON.parse(search.stdout) as { hits: unknown[] }).hits).toHaveLength(5);
  expect((await switchyard(['doctor', store])).code).toBe(0);
});

it('reports unrepairable damage, and exits with 1', async () => {
  const store = await indexed('json');
  plant(store, "UPDATE documents SET metadata = '{' WHERE id = 2");
  const { code, stdout } = await switchyard(['check', store, '--repair']);
  expect(code).toBe(1);
  expect(stdout).toContain('chunk 2');
  expect(stdout).toContain('cannot be repaired');
});

const prefixes = [
  '',
  'sqlite-vec:', // @legacy
];

it('a healthy store of either backend is sound, and its space can be reclaimed', async () => {
  for (const prefix of prefixes) {
    const store = await indexed(`sound${prefix.length}`, prefix);
    expect(await switchyardJson(['check', store])).toMatchObject({ sound: true, damages: [], skipped: [] });
    const { reclaimed } = (await switchyardJson(['optimize', store, '--reclaim'])) as {
      reclaimed: { bytesBefore: number; bytesAfter: number };
    };
    expect(reclaimed.bytesAfter).toBeLessThanOrEqual(reclaimed.bytesBefore);
    expect(await switchyardJson(['check', store])).toMatchObject({ sound: true });
  }
});

it('does not create a missing store', async () => {
  const { code, stderr } = await switchyard(['check', join(folder, 'none.db')]);
  expect(code).toBe(1);
  expect(stderr).toContain('STORAGE_NOT_FOUND');
});
