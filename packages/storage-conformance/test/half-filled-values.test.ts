import { MemoryBackend } from '@switchyard/storage-conformance/memory';
import { copyStore, DocumentStore, type StorageBackend } from '@switchyard/storage-core';
import { checkMutation } from '@switchyard/storage-core/backend';
import { describe, expect, it } from 'vitest';

/** Objects as plain JavaScript passes them: a field is missing or of the wrong type. */
const given = (value: unknown) => value as never;
const version = { library: 'fastify', version: '5' };
const metadata = { types: ['text'], level: 1, path: ['A'] };
const library = { id: 1, name: 'fastify', createdAt: null };
const record = {
  id: 1,
  libraryId: 1,
  library: 'fastify',
  name: '5',
  status: 'queued',
  progressPages: 0,
  progressMaxPages: 0,
  errorMessage: null,
  sourceUrl: null,
  scraperOptions: null,
  createdAt: null,
  startedAt: null,
  updatedAt: null,
};

function fails(work: () => unknown, message: string): void {
  const failure = new RegExp(`^${message.replace(/[.[\]]/g, '\\$&')}`);
  expect(work).toThrow(TypeError);
  expect(work).toThrow(failure);
}

describe('a half-filled mutation is a TypeError that names the field', () => {
  it.each<[unknown, string]>([
    [undefined, 'mutation must be an object'],
    [{ kind: 'deletePages' }, 'version must be an object'],
    [{ kind: 'deletePages', version: { library: 'a', version: 5 } }, 'The version name must be a string'],
    [{ kind: 'deletePage' }, 'page must be an object'],
    [{ kind: 'deletePage', page: { version } }, 'page.url must be a string'],
    [{ kind: 'removeVersion', version, removeLibrary: 'no' }, 'removeLibrary must be a boolean'],
    [{ kind: 'resolveVersion', version: '5' }, 'The library name must be a string'],
    [{ kind: 'resolveVersion', ...version, ids: null }, 'ids must be an object'],
    [{ kind: 'putLibrary' }, 'library must be an object'],
    [{ kind: 'putLibrary', library: { id: 1, name: 'a' } }, 'library.createdAt must be a string or null'],
    [{ kind: 'putVersion', library }, 'version must be an object'],
    [{ kind: 'putVersion', library, version: { id: 1, name: '5' } }, 'version.status must be one of'],
    [
      { kind: 'putVersion', library, version: { ...record, startedAt: undefined } },
      'version.startedAt must be a string or null',
    ],
    [{ kind: 'replacePage', version }, 'page must be an object'],
    [{ kind: 'replacePage', version, page: { url: '/a' } }, 'chunks must be an array'],
    [{ kind: 'replacePage', version, page: { url: '/a' }, chunks: [null] }, 'chunks[0] must be an object'],
    [
      {
        kind: 'replacePage',
        version,
        page: { url: '/a' },
        chunks: [{ content: 'a', metadata: {}, vector: null }],
      },
      'chunks[0].metadata.types must be an array',
    ],
    [
      { kind: 'replacePage', version, page: { url: '/a' }, chunks: [{ content: 'a', metadata }] },
      'chunks[0].vector must be a Float32Array or null',
    ],
    [
      { kind: 'replacePage', version, page: { url: '/a' }, chunks: [], model: 7 },
      'model must be a string or null',
    ],
    [{ kind: 'setScraperOptions', version, options: null }, 'sourceUrl must be a string or null'],
    [{ kind: 'setScraperOptions', version, sourceUrl: null }, 'options must be an object'],
    [{ kind: 'setVersionStatus', version }, 'status must be one of'],
    [
      { kind: 'setVersionStatus', version, status: 'failed', errorMessage: new Error('no') },
      'errorMessage must be a string or null',
    ],
    [{ kind: 'setVersionProgress', version, pages: 1 }, 'maxPages must be'],
  ])('%j: %s', (mutation, message) => {
    fails(() => checkMutation(given(mutation), 4), message);
  });
});

describe('half-filled search options are a TypeError that names the field', () => {
  it.each<[unknown, string]>([
    [null, 'options must be an object'],
    [{ limit: '5' }, 'limit must be'],
    [{ overfetchFactor: Number.NaN }, 'overfetchFactor must be a finite number'],
    [{ vectorMultiplier: '10' }, 'vectorMultiplier must be a finite number'],
    [{ ftsWeights: { content: 10 } }, 'ftsWeights.title must be a finite number'],
    [{ fusion: 'ranked-union' }, 'fusion must be an object'],
    [{ fusion: { rule: 'rrf' } }, 'fusion.rule must be one of ranked-union, reciprocal-rank'],
    [{ fusion: { vectorWeight: null } }, 'fusion.vectorWeight must be a finite number'],
    [{ mode: 7 }, 'mode must be a string'],
    [{ vector: [1, 2] }, 'vector must be a Float32Array'],
  ])('%j: %s', async (options, message) => {
    const store = await DocumentStore.open({ backend: new MemoryBackend() });
    const search = async () => store.search('fastify', '5', 'routes', given(options));
    await expect(search()).rejects.toThrow(TypeError);
    await expect(search()).rejects.toThrow(message);
    await store.close();
  });

  it('and so is a text that is none', async () => {
    const store = await DocumentStore.open({ backend: new MemoryBackend() });
    await expect(async () => store.search('fastify', '5', given(7))).rejects.toThrow('text must be a string');
    await store.close();
  });
});

describe('a half-filled declaration of capabilities is a TypeError that names the field', () => {
  it.each<[unknown, string]>([
    [undefined, 'capabilities must be an object'],
    [{}, 'capabilities.metrics must be an array'],
    [{ metrics: [] }, 'capabilities.metrics must not be empty'],
    [{ metrics: ['l2'], searchModes: ['exact'] }, 'capabilities.maxDimension must be'],
    [
      { metrics: ['l2'], searchModes: ['exact'], maxDimension: 4 },
      'capabilities.persistent must be a boolean',
    ],
    [
      {
        metrics: ['l2'],
        searchModes: ['exact'],
        maxDimension: 4,
        persistent: true,
        multiProcess: true,
        optimize: 1,
      },
      'capabilities.optimize must be a boolean',
    ],
  ])('%j: %s', async (capabilities, message) => {
    const backend: StorageBackend = Object.assign(new MemoryBackend(), { capabilities: given(capabilities) });
    await expect(DocumentStore.open({ backend })).rejects.toThrow(new RegExp(`^backend\\.${message}`));
    await expect(copyStore(new MemoryBackend(), backend)).rejects.toThrow(new RegExp(`^to\\.${message}`));
  });
});
