import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { switchyard, switchyardJson } from '../support/command.js';
import { hasFixtures, unpack } from '../support/fixtures.js';
import { temporaryFolder } from '../support/temp.js';

const folder = temporaryFolder();
const note = hasFixtures ? '' : ' (skipped: ../shared/fixtures is missing)';

function change(path: string, sql: string): void {
  const database = new Database(path);
  database.exec(sql);
  database.close();
}

describe.skipIf(!hasFixtures)(`copy of a legacy store${note}`, () => {
  it('with two versions of the same name is refused with advice before anything is created', async () => {
    const path = unpack('level-13-undici', folder);
    change(path, 'INSERT INTO versions (id, library_id, name) SELECT 70, min(id), NULL FROM libraries');
    change(path, "INSERT INTO versions (id, library_id, name) SELECT 71, min(id), '' FROM libraries");
    const before = readFileSync(path);
    const target = join(folder, 'not-made.db');
    for (const args of [
      ['copy', `sqlite-vec:${path}`, target],
      ['convert', path, '--to', target],
      ['convert', path, '--in-place'],
    ]) {
      const { code, stderr } = await switchyard(args);
      expect(code).toBe(1);
      expect(stderr).toMatch(/^error \[STORAGE_CONSTRAINT\]/m);
      expect(stderr).toMatch(/The versions 70 and 71 of the library 'fastify' .* only 71 is found/);
      expect(existsSync(target)).toBe(false);
      expect(existsSync(`${target}.switchyard-convert`)).toBe(false);
    }
    const plan = await switchyardJson(['convert', path, '--to', target, '--dry-run']);
    expect(plan).toMatchObject({ problemCounts: { 'name-duplicate': 2 } });
    expect(readFileSync(path).equals(before)).toBe(true);

    const { stderr } = await switchyard(['copy', `sqlite-vec:${path}`, target, '--metric', 'l2']);
    const advice = /UPDATE versions SET name = '[^']+' WHERE id = 70/.exec(stderr)?.[0] ?? '';
    change(path, advice);
    const copied = await switchyardJson(['copy', `sqlite-vec:${path}`, target]);
    expect(copied).toMatchObject({ versions: 5, pages: 42, chunks: 193, vectors: 193, vectorsUnusable: 0 });
  });

  it('counts unusable vectors, and copies one that only the index holds', async () => {
    const path = unpack('level-13-undici', folder);
    change(
      path,
      `DROP TRIGGER documents_vec_after_update;
       UPDATE documents SET embedding = '[1, 2, 3]' WHERE id = (SELECT min(id) FROM documents);
       UPDATE documents SET embedding = 'no JSON' WHERE id = (SELECT max(id) FROM documents);
       UPDATE documents SET embedding = NULL WHERE id = (SELECT min(id) + 1 FROM documents)`,
    );
    // Without the trigger, the index keeps the vector of the chunk whose embedding is now NULL.
    const copied = await switchyardJson(['copy', `sqlite-vec:${path}`, join(folder, 'usable.db')]);
    expect(copied).toMatchObject({ chunks: 193, vectors: 191, vectorsUnusable: 2 });
    const { stdout, code } = await switchyard(['copy', `sqlite-vec:${path}`, join(folder, 'usable-2.db')]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/191 vectors to .*\n2 vectors unusable and not copied/);
  });

  it('counts the texts that it replaced, also when they were there already', async () => {
    const path = unpack('level-14-no-embeddings', folder);
    change(
      path,
      `UPDATE documents SET content = CAST(content || x'EDA0BD' AS TEXT) WHERE id IN (SELECT id FROM documents LIMIT 2);
       UPDATE pages SET title = CAST(x'FF' AS TEXT) WHERE id = (SELECT min(id) FROM pages);
       UPDATE pages SET title = '\uFFFD is well-formed' WHERE id = (SELECT max(id) FROM pages)`,
    );
    const [from, to] = [`sqlite-vec:${path}`, join(folder, 'replaced.db')];
    expect(await switchyardJson(['copy', from, to])).toMatchObject({ textsReplaced: 3, pagesUnchanged: 0 });
    const { stdout } = await switchyard(['copy', from, to]);
    expect(stdout).toMatch(/already present\)\.\n3 texts of the source are not well-formed/);
  });
});
