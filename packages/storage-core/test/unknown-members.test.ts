import { MemoryBackend } from '@switchyard/storage-conformance/memory';
import { DocumentStore } from '@switchyard/storage-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

let store: DocumentStore;
beforeEach(async () => {
  store = await DocumentStore.open({ backend: new MemoryBackend() });
});
afterEach(() => store.close());

/** Options as a program in plain JavaScript may pass them. */
const misspelled = (options: object) => options as never;

describe('options that nothing reads', () => {
  it.each([
    [{ filters: {} }, 'options has no member "filters". Did you mean filter?'],
    [{ overFetchFactor: 3 }, 'Did you mean overfetchFactor?'],
    [
      { filter: { urlprefix: 'https://' } },
      'filter has no member "urlprefix"; known members: types, pathPrefix, urlPrefix.',
    ],
    [{ filter: { path: ['Hooks'] } }, 'filter has no member "path"'],
    [{ context: { siblings: 2 } }, 'context has no member "siblings"; known members: parent, '],
    [{ snippet: { mark: ['<', '>'] } }, 'snippet has no member "mark"; known members: length, '],
  ])('a search with %j is a TypeError', async (options, message) => {
    const searches = [
      () => store.search('fastify', '5', 'hooks', misspelled(options)),
      () => store.searchVersions([{ library: 'fastify', version: '5' }], 'hooks', misspelled(options)),
    ];
    for (const search of searches) {
      await expect(search()).rejects.toThrow(TypeError);
      await expect(search()).rejects.toThrow(message);
    }
  });

  it('relatives with an unknown member are a TypeError', async () => {
    await expect(store.relatives(['1'], misspelled({ childs: 2 }))).rejects.toThrow(
      'context has no member "childs"',
    );
  });

  it('a store opened with an unknown option is a TypeError, and stays closed', async () => {
    const backend = new MemoryBackend();
    await expect(DocumentStore.open(misspelled({ backend, embeder: 'offline' }))).rejects.toThrow(
      'options has no member "embeder". Did you mean embedder?',
    );
    await expect(backend.inspect()).rejects.toMatchObject({ code: 'STORAGE_CLOSED' });
  });

  it('settings of the application may be passed with the options', async () => {
    const settings = { backend: new MemoryBackend(), store: 'docs.db', model: 'm', embedder: undefined };
    await using opened = await DocumentStore.open(settings);
    expect(
      await opened.search('fastify', '5', 'hooks', misspelled({ library: 'fastify', model: 'm' })),
    ).toEqual([]);
  });

  it('members that are undefined count as absent', async () => {
    const options = misspelled({ filters: undefined, filter: { urlprefix: undefined } });
    expect(await store.search('fastify', '5', 'hooks', options)).toEqual([]);
  });
});
