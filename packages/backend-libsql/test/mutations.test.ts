import Database from 'libsql';
import { describe, expect, it } from 'vitest';
import { chunk, fastify, openStore, page } from './support/store.js';
import { tempFile } from './support/temp.js';

describe('writes', () => {
  it('keep order, ids and vectors of pages with any number of short and long chunks, with and without vectors', async () => {
    const store = await openStore();
    await store.vectors.reconcile({ model: 'm', dimension: 2, metric: 'l2' }, 'refuse');
    let last = 0;
    for (const count of [1, 7, 8, 9, 40]) {
      const contents = Array.from({ length: count }, (_, index) =>
        index % 6 === 4 ? `long ${index} `.repeat(40_000) : `short ${index}`,
      );
      const vectorOf = (index: number) => (index % 3 === 1 ? null : new Float32Array([count, index]));
      const [{ chunkIds }] = await store.apply([
        page(
          `/${count}`,
          contents.map((content, index) => chunk(content, { vector: vectorOf(index) })),
        ),
      ]);
      expect(chunkIds).toEqual(contents.map((_, index) => last + 1 + index));
      last += count;
      const written = await store.catalog.chunksByUrl(fastify, `/${count}`);
      expect(written.map(({ id, content, sortOrder }) => [id, content, sortOrder])).toEqual(
        contents.map((content, index) => [chunkIds[index], content, index]),
      );
      for (const [index, id] of chunkIds.entries()) {
        const vector = vectorOf(index);
        if (vector === null) continue;
        expect(await store.vectors.nearest({ version: fastify, vector, limit: 1 })).toEqual([
          { chunkId: id, distance: 0 },
        ]);
      }
    }
    expect(await store.vectors.stats()).toMatchObject({ indexed: 44, without: 21 });
    expect((await store.vectors.audit()).problems).toEqual([]);
    expect((await store.fts.audit()).problems).toEqual([]);
  });

  it('keep the rows of pages and chunks while their version and page are rewritten', async () => {
    const store = await openStore();
    await store.apply([page('/a', [chunk('one', { id: 7 })])]);
    const [library] = await store.catalog.libraries();
    const version = await store.catalog.version(fastify);
    if (library === undefined || version === null) throw new Error('The version is missing.');
    const times = {
      createdAt: '2001-02-03 04:05:06',
      updatedAt: null,
      startedAt: '2002-01-01T00:00:00.000Z',
    };
    await store.apply([
      { kind: 'putVersion', library: { ...library, createdAt: null }, version: { ...version, ...times } },
    ]);
    expect(await store.catalog.version(fastify)).toEqual({ ...version, ...times });
    expect(await store.catalog.library({ library: 'FASTIFY' })).toEqual({ ...library, createdAt: null });
    expect((await store.catalog.chunksByUrl(fastify, '/a')).map(({ id }) => id)).toEqual([7]);
  });

  it('find names in any case, including beyond ASCII, and names and URLs with a NUL', async () => {
    const store = await openStore();
    const version = { library: 'ÄPFEL', version: 'Ω-1' };
    await store.apply([page('/a\0b', [chunk('one')], version)]);
    expect(await store.catalog.version({ library: 'äpfel', version: 'ω-1' })).toMatchObject({ name: 'ω-1' });
    expect(await store.catalog.chunksByUrl(version, '/a\0b')).toHaveLength(1);

    const odd = { library: 'a\0b', version: '' };
    await store.apply([
      page('/x', [chunk('odd')], odd),
      page('/y', [chunk('plain')], { library: 'a', version: '' }),
    ]);
    await store.apply([page('/x', [chunk('odd again')], odd)]);
    expect((await store.catalog.libraries()).map(({ name }) => name)).toEqual(['a', 'a\0b', 'äpfel']);
    expect(await store.catalog.chunksByUrl(odd, '/x')).toMatchObject([{ content: 'odd again', url: '/x' }]);
  });

  it('keep every character of a text around a NUL', async () => {
    const store = await openStore();
    const texts = ['\ufeffx\0', '\0', 'a\0\ufeff', '\ufeff', '\0\u{1f600}\0'];
    await store.apply([
      page(
        '/a',
        texts.map((text) => chunk(text)),
      ),
    ]);
    expect((await store.catalog.chunksByUrl(fastify, '/a')).map(({ content }) => content)).toEqual(texts);
  });

  it('never reuse an id, even after the highest one was deleted', async () => {
    const file = tempFile();
    const store = await openStore(file);
    const [{ chunkIds: first }] = await store.apply([page('/a', [chunk('one'), chunk('two')])]);
    await store.apply([{ kind: 'removeVersion', version: fastify }]);
    await store.close();
    const [{ chunkIds: second }] = await (await openStore(file)).apply([page('/a', [chunk('one')])]);
    expect([first, second]).toEqual([[1, 2], [3]]);
  });

  it('leave nothing of a removed version', async () => {
    const file = tempFile();
    const store = await openStore(file);
    await store.vectors.reconcile({ model: 'a:b', dimension: 2 }, 'refuse');
    await store.apply([page('/a', [chunk('one', { vector: new Float32Array([1, 2]) }), chunk('two')])]);
    await store.apply([{ kind: 'removeVersion', version: fastify }]);
    const other = new Database(file);
    for (const table of [
      'libraries',
      'versions',
      'pages',
      'documents',
      'document_vectors',
      'documents_fts_docsize',
    ]) {
      expect([table, other.prepare(`SELECT count(*) AS n FROM ${table}`).all([])]).toEqual([
        table,
        [{ n: 0 }],
      ]);
    }
    other.close();
  });

  it('preserve unknown keys in metadata of other software', async () => {
    const file = tempFile();
    const store = await openStore(file);
    await store.apply([page('/a', [chunk('one'), chunk('two')])]);
    const other = new Database(file);
    other.exec(`UPDATE documents SET metadata = '{"page":7,"types":3}' WHERE id = 1`);
    other.exec("UPDATE documents SET metadata = 'broken' WHERE id = 2");
    other.close();
    expect((await store.catalog.chunks([1, 2])).map(({ metadata }) => metadata)).toEqual([
      { page: 7, types: [], level: 0, path: [] },
      { types: [], level: 0, path: [] },
    ]);
    await store.fts.rebuild();
    expect((await store.fts.audit()).problems).toEqual([]);
  });
});
