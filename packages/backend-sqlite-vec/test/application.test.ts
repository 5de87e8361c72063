import { describe, expect, test } from 'vitest';
import { indexPage, nearest, openAsApplication, words } from './support/application.js';
import { fixturesNote, haveFixtures, unpack } from './support/fixtures.js';
import { openOn, tempFile } from './support/temp.js';

const version = { library: 'lib', version: '1.0.0' };

/** Numbers as an embedding service returns them: float64, and not those of a float32. */
function embedding(seed: number): number[] {
  return Array.from({ length: 8 }, (_, index) => Math.sin(seed * 8 + index) / 3);
}

function chunk(content: string, seed: number) {
  const vector = Float32Array.from(embedding(seed));
  return { content, metadata: { types: ['text'], level: 1, path: ['Guide', 'Start'] }, vector };
}

describe('the application and this adapter on one store', () => {
  test('the application reads, searches, writes and deletes in a store created by the adapter', async () => {
    const path = tempFile();
    const backend = await openOn(path);
    await backend.vectors.reconcile({ model: 'openai:x', dimension: 8 }, 'refuse');
    const [written] = await backend.apply([
      {
        kind: 'replacePage',
        version,
        page: { url: 'https://a', title: 'Anchors', contentType: 'text/markdown' },
        chunks: [chunk('quick brown fox', 1), chunk('lazy dog', 2)],
      },
    ]);

    const application = openAsApplication(path);
    const versionId = written.versionId;
    const [fox = 0, dog = 0] = written.chunkIds;
    expect(nearest(application, versionId, embedding(2), 10).map(({ id }) => id)).toEqual([dog, fox]);
    expect(words(application, '"foxes"').map(({ id }) => id)).toEqual([fox]);
    expect(words(application, 'path : "start"')).toHaveLength(2);
    const stored = application.prepare('SELECT embedding, metadata FROM documents WHERE id = ?').get(fox) as {
      embedding: string;
      metadata: string;
    };
    expect(Float32Array.from(JSON.parse(stored.embedding) as number[])).toEqual(chunk('', 1).vector);
    expect(JSON.parse(stored.metadata)).toEqual({ types: ['text'], level: 1, path: ['Guide', 'Start'] });

    const [hen = 0] = indexPage(application, 'lib', '1.0.0', { url: 'https://b', title: 'Birds' }, [
      { content: 'a red hen', path: ['Farm'], vector: embedding(3) },
    ]);
    expect(
      await backend.vectors.nearest({ version, vector: Float32Array.from(embedding(3)), limit: 1 }),
    ).toEqual([{ chunkId: hen, distance: 0 }]);
    expect(
      (await backend.fts.match({ version, terms: ['birds'], limit: 5 })).map((hit) => hit.chunkId),
    ).toEqual([hen]);

    application.prepare('DELETE FROM documents WHERE id = ?').run(BigInt(fox));
    expect((await backend.catalog.chunks([fox, dog, hen])).map(({ id }) => id)).toEqual([hen, dog]);
    expect((await backend.vectors.audit()).problems).toEqual([]);
    expect((await backend.fts.audit()).problems).toEqual([]);
  });

  test.skipIf(!haveFixtures)(
    `the adapter replaces and removes what the application wrote${fixturesNote}`,
    async () => {
      const path = unpack('level-14-three-libraries');
      const application = openAsApplication(path);
      const ids = indexPage(application, 'fastify', '5.6.0', { url: 'https://new', title: 'New page' }, [
        { content: 'zygote', path: [], vector: Array.from({ length: 512 }, () => 0.1) },
      ]);
      const backend = await openOn(path);
      const fastify = { library: 'fastify', version: '5.6.0' };
      const [page] = await backend.catalog.chunks(ids);
      const [replaced] = await backend.apply([
        {
          kind: 'replacePage',
          version: fastify,
          page: { url: 'https://new', title: 'Newer page' },
          chunks: [
            {
              content: 'zebra',
              metadata: { types: [], level: 0, path: [] },
              vector: new Float32Array(512).fill(0.2),
            },
          ],
        },
      ]);
      expect(replaced).toMatchObject({ pageId: page?.pageId, chunksReplaced: 1 });
      expect(words(application, '"zygote"')).toEqual([]);
      expect(words(application, '"zebra"').map(({ id }) => id)).toEqual(replaced.chunkIds);

      const [removed] = await backend.apply([{ kind: 'removeVersion', version: fastify }]);
      expect(removed).toMatchObject({ versionDeleted: true, libraryDeleted: true });
      const left = (table: string) => application.prepare(`SELECT count(*) AS n FROM ${table}`).get();
      const chunks = 573 - removed.chunksDeleted + 1;
      expect([left('documents'), left('documents_fts'), left('documents_vec')]).toEqual([
        { n: chunks },
        { n: chunks },
        { n: chunks },
      ]);
    },
  );

  test('names stored with capitals or as NULL by older software are found in any case', async () => {
    const path = tempFile();
    await (await openOn(path)).migrator.migrate();
    const application = openAsApplication(path);
    indexPage(application, 'Äpfel', '1.0-Β', { url: 'https://a', title: 'A' }, []);
    indexPage(application, 'Pears', '2.0-RC', { url: 'https://b', title: 'B' }, []);
    application.exec(
      "INSERT INTO versions (library_id, name) SELECT id, NULL FROM libraries WHERE name = 'Äpfel'",
    );
    const backend = await openOn(path);
    for (const version of await backend.catalog.overview().then((all) => all.map((entry) => entry.version))) {
      const { id, library, name } = version;
      expect(await backend.catalog.version({ library, version: name })).toEqual(version);
      const [resolved] = await backend.apply([
        { kind: 'resolveVersion', library: library.toUpperCase(), version: name.toUpperCase() },
      ]);
      expect(resolved).toMatchObject({ versionId: id, created: false });
    }
    expect((await backend.catalog.libraries()).map(({ name }) => name)).toEqual(['pears', 'äpfel']);
  });

  test('vectors of a page reach the index bit for bit', async () => {
    const path = tempFile();
    const backend = await openOn(path);
    await backend.vectors.reconcile({ model: 'm', dimension: 6 }, 'refuse');
    const vector = Float32Array.of(1e-45, -0, 3.4028234663852886e38, 0.1, -1e-7, 16_777_217);
    const [{ chunkIds }] = await backend.apply([
      { kind: 'replacePage', version, page: { url: 'u' }, chunks: [{ ...chunk('c', 1), vector }] },
    ]);
    const { embedding: bytes } = openAsApplication(path)
      .prepare('SELECT embedding FROM documents_vec WHERE rowid = ?')
      .get(BigInt(chunkIds[0] ?? 0)) as { embedding: Buffer };
    expect(Buffer.compare(bytes, Buffer.from(vector.buffer))).toBe(0);
  });
});
