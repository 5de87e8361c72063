import { existsSync } from 'node:fs';
import { convertLegacyStore } from '@switchyard/legacy-conversion';
import Database from 'libsql';
import { describe, expect, it } from 'vitest';
import { haveFixtures, withoutFixtures } from '../../backend-libsql/test/support/fixtures.js';
import { tempFile } from '../../backend-libsql/test/support/temp.js';
import { bytesOf, unpackStore } from './support/legacy.js';

/** A chunk in the middle of the store that has a vector and neighbors on its page. */
const CHUNK = `
  (SELECT documents.id
   FROM documents
   JOIN document_vectors ON document_vectors.document_id = documents.id
   WHERE documents.sort_order = 1
   ORDER BY documents.id
   LIMIT 1 OFFSET 20)`;

const PAGE = `(SELECT page_id FROM documents WHERE id = ${CHUNK})`;

/** Changes of the finished store, each with the error that reports it. */
const faults: readonly (readonly [name: string, sql: string, told: RegExp])[] = [
  ['a text', `UPDATE documents SET content = content || '.' WHERE id = ${CHUNK}`, /chunk \d+ of .*content:/],
  [
    'a letter of a text',
    `UPDATE documents SET content = upper(substr(content, 1, 1)) || substr(content, 2)
     WHERE id = (SELECT id FROM documents WHERE unicode(content) BETWEEN 97 AND 122 ORDER BY id DESC LIMIT 1)`,
    /chunk \d+ of .*content:/,
  ],
  [
    'metadata',
    `UPDATE documents SET metadata = json_set(metadata, '$.level', 77) WHERE id = ${CHUNK}`,
    /chunk \d+ of .*metadata:/,
  ],
  [
    'a member of metadata more',
    `UPDATE documents SET metadata = json_set(metadata, '$.more', json('null')) WHERE id = ${CHUNK}`,
    /chunk \d+ of .*metadata:/,
  ],
  [
    'the id of a chunk',
    `UPDATE document_vectors SET document_id = 999999 WHERE document_id = ${CHUNK};
     UPDATE documents SET id = 999999 WHERE sort_order = 1 AND id NOT IN (SELECT document_id FROM document_vectors)`,
    /chunk \d+ of .*only in the (first|second) store/,
  ],
  [
    'the id of a page',
    `UPDATE documents SET page_id = 999999 WHERE page_id = ${PAGE};
     UPDATE pages SET id = 999999 WHERE id NOT IN (SELECT page_id FROM documents)`,
    /page \d+ .*only in the (first|second) store/,
  ],
  [
    'the order of chunks',
    `UPDATE documents SET sort_order = 1 - sort_order WHERE page_id = ${PAGE} AND sort_order IN (0, 1)`,
    /chunk \d+ of .*sortOrder:/,
  ],
  ['a URL', `UPDATE pages SET url = url || '#' WHERE id = ${PAGE}`, /page \d+.*url:/],
  ['a title', `UPDATE pages SET title = 'Another' WHERE id = ${PAGE}`, /page \d+.*title:/],
  [
    'a bit of a vector',
    `UPDATE document_vectors
     SET embedding = CAST(
       substr(embedding, 1, 1999)
       || CASE substr(embedding, 2000, 1) WHEN x'00' THEN x'01' ELSE x'00' END
       || substr(embedding, 2001) AS BLOB
     )
     WHERE document_id = ${CHUNK}`,
    /chunk \d+ of .*vector:/,
  ],
  [
    'a vector cut short',
    `UPDATE document_vectors SET embedding = substr(embedding, 1, length(embedding) - 4) WHERE document_id = ${CHUNK}`,
    /chunk \d+ of .*vector: .* \/ "none"/,
  ],
  [
    'a vector of another chunk',
    `UPDATE document_vectors
     SET embedding = (SELECT embedding FROM document_vectors ORDER BY document_id DESC LIMIT 1)
     WHERE document_id = ${CHUNK}`,
    /chunk \d+ of .*vector:/,
  ],
  [
    'a missing vector',
    `DELETE FROM document_vectors WHERE document_id = ${CHUNK}`,
    /chunk \d+ of .*vector: .* \/ "none"/,
  ],
  ['a missing chunk', `DELETE FROM documents WHERE id = ${CHUNK}`, /chunks: \d+ \/ \d+/],
  [
    'an extra chunk',
    `INSERT INTO documents (page_id, version_id, sort_order, metadata, content)
     SELECT page_id, version_id, sort_order + 1000, metadata, content FROM documents WHERE id = ${CHUNK}`,
    /chunks: \d+ \/ \d+/,
  ],
  ['a missing page', `DELETE FROM pages WHERE id = ${PAGE}`, /pages: \d+ \/ \d+/],
  [
    'an extra page without chunks',
    `INSERT INTO pages (version_id, url) SELECT version_id, 'https://example.org/more' FROM pages WHERE id = ${PAGE}`,
    /pages: \d+ \/ \d+/,
  ],
  [
    'a page in another version',
    `UPDATE pages
     SET version_id = (SELECT max(version_id) + min(version_id) FROM pages) - version_id
     WHERE id = (SELECT min(id) FROM pages WHERE version_id = (SELECT min(version_id) FROM pages))`,
    /(chunks|pages): \d+ \/ \d+/,
  ],
  [
    'an extra version',
    `INSERT INTO versions (library_id, name) SELECT library_id, '99.0.0' FROM versions LIMIT 1`,
    /only in the second store/,
  ],
  ['a missing library', `UPDATE libraries SET name = 'other' WHERE name = 'pino'`, /pino|other/],
  [
    'the model of the profile',
    `UPDATE switchyard_meta SET value = 'another:model' WHERE key = 'embedding_model'`,
    /profile: .*another:model/,
  ],
  [
    'full text, so that rankings change',
    `INSERT INTO documents_fts (documents_fts) VALUES ('delete-all')`,
    /place 1: /,
  ],
];

describe.skipIf(!haveFixtures)(`the comparison after a conversion finds${withoutFixtures}`, () => {
  it.each(faults)('%s', async (_, sql, told) => {
    const source = unpackStore('level-14-three-libraries');
    const before = bytesOf(source);
    const target = tempFile('converted.db');
    let done = 0;
    const conversion = convertLegacyStore({
      source,
      target: { type: 'file', path: target },
      onProgress: (progress) => {
        if (progress.step === 'convert' && progress.phase === 'built') done = damage(target, sql);
      },
    });
    await expect(conversion).rejects.toMatchObject({
      code: 'STORAGE_CORRUPT',
      outcome: 'not-applied',
      message: expect.stringMatching(told),
    });
    expect(done).toBeGreaterThan(0);
    expect(existsSync(target)).toBe(false);
    expect(bytesOf(source)).toEqual(before);
  });

  it('nothing in equal stores, with the same digest of both', async () => {
    const source = unpackStore('level-14-three-libraries');
    const target = tempFile('converted.db');
    const { verification } = await convertLegacyStore({ source, target: { type: 'file', path: target } });
    expect(verification).toMatchObject({ equal: true, differenceCount: 0, searches: { made: 10, same: 10 } });
    expect(verification?.digests.a).toMatch(/^[0-9a-f]{64}$/);
    expect(verification?.digests.b).toBe(verification?.digests.a);
    for (const { a, b } of verification?.versions ?? []) {
      expect(a?.digest).toMatch(/^[0-9a-f]{64}$/);
      expect(b).toEqual(a);
    }
  });
});

/** Changes the store that a conversion has built and not yet compared. @returns How many rows. */
function damage(target: string, sql: string): number {
  const database = new Database(`${target}.switchyard-convert/store.db`, { timeout: 5000 });
  const count = () =>
    (database.prepare('SELECT total_changes() AS n').all([]) as readonly { readonly n: number }[])[0]?.n ?? 0;
  const before = count();
  database.exec('PRAGMA foreign_keys = OFF');
  database.exec(sql);
  const changes = count() - before;
  database.close();
  return changes;
}
