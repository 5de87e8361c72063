import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Comparison } from '@switchyard/storage-compare';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { switchyard, switchyardJson } from '../support/command.js';
import { asQueries, golden, hasFixtures, unpack } from '../support/fixtures.js';
import { put, temporaryFolder } from '../support/temp.js';

const folder = temporaryFolder();

it('compare sees that a store lost a rule of its tokenizer', async () => {
  const [whole, lost] = ['whole.db', 'lost.db'].map((name) => join(folder, name));
  const docs = join(folder, 'docs');
  put(docs, 'plugins.md', '# Plugins\n\nRegister a plugin to extend the application with new abilities.\n');
  const source = `sqlite-vec:${whole}`;
  await switchyardJson(['index', docs, '--library', 'guide@1.0.0', '--store', source, '--embedder', 'none']);
  await switchyardJson(['copy', source, `sqlite-vec:${lost}`]);
  const database = new Database(lost as string);
  database.exec(`
    CREATE TABLE kept AS SELECT rowid AS id, content, title, url, path FROM documents_fts;
    DROP TABLE documents_fts;
    CREATE VIRTUAL TABLE documents_fts USING fts5(content, title, url, path, tokenize = 'unicode61');
    INSERT INTO documents_fts(rowid, content, title, url, path) SELECT id, content, title, url, path FROM kept;
    DROP TABLE kept;
  `);
  database.close();
  const stemmed = join(folder, 'stemmed.jsonl');
  writeFileSync(stemmed, `${JSON.stringify({ library: 'guide', version: '1.0.0', text: 'registering' })}\n`);
  const { stdout } = await switchyard(['compare', source, `sqlite-vec:${lost}`, '--queries', stemmed]);
  expect(stdout).toMatch(/full text matches other chunks: the tokenizer, the stemming or the text differs/);
});

describe.skipIf(!hasFixtures)('legacy against libSQL (needs ../shared/fixtures)', () => {
  it('gives a tie-aware overlap of 1 on the three libraries', async () => {
    const legacy = `sqlite-vec:${unpack('level-14-three-libraries', folder)}`;
    const converted = join(folder, 'three.db');
    await switchyardJson(['copy', legacy, converted]);
    const file = join(folder, 'golden.jsonl');
    writeFileSync(file, asQueries(golden('level-14-three-libraries.hybrid')));
    const { code, stdout, stderr } = await switchyard([
      'compare',
      ...[legacy, converted, '--queries', file, '--repeat', '1', '--json'],
      ...['--min-overlap', '1', '--max-different', '0', '--min-worst-recall', '1', '--max-errors', '0'],
    ]);
    expect([code, stderr]).toEqual([0, expect.not.stringContaining('error')]);
    expect((JSON.parse(stdout) as Comparison).pairs[0]).toMatchObject({ tieAwareOverlap: 1, different: 0 });
  });
});
