import { faults } from '@switchyard/storage-conformance/faults';
import { MemoryBackend } from '@switchyard/storage-conformance/memory';
import {
  checkStore,
  copyStore,
  DocumentStore,
  reembed,
  repairStore,
  type StorageBackend,
  verifyStores,
} from '@switchyard/storage-core';
import { CONTRACT_VERSION, requireContract } from '@switchyard/storage-core/backend';
import { describe, expect, it } from 'vitest';

const embedder = {
  model: 'test:none',
  available: true,
  limits: { maxTexts: 1, maxCharacters: 1 },
  embed: () => Promise.reject(new Error('Nothing may be embedded.')),
};

async function foreign(): Promise<StorageBackend> {
  const fault = faults.find(({ name }) => name === 'implements-another-contract');
  const made = await fault?.create();
  if (made === undefined) throw new Error('There is no such fault.');
  return 'backend' in made ? made.backend : made;
}

describe('a backend of another contract version', () => {
  it.each<[string, (backend: StorageBackend) => Promise<unknown>]>([
    ['DocumentStore.open()', (backend) => DocumentStore.open({ backend })],
    ['copyStore() from it', (backend) => copyStore(backend, new MemoryBackend())],
    ['copyStore() to it', (backend) => copyStore(new MemoryBackend(), backend)],
    ['verifyStores()', (backend) => verifyStores(new MemoryBackend(), backend)],
    ['checkStore()', (backend) => checkStore(backend)],
    ['repairStore()', (backend) => repairStore(backend)],
    ['reembed()', (backend) => reembed(backend, embedder as never)],
  ])('is refused by %s, which names both versions', async (_, call) => {
    const backend = await foreign();
    await expect(call(backend)).rejects.toMatchObject({
      code: 'STORAGE_CONTRACT_MISMATCH',
      backend: 'memory',
      outcome: 'not-applied',
      message: expect.stringMatching(/contract version 2;.*requires contract version 1\b/),
      details: { backendContract: 2, coreContract: CONTRACT_VERSION },
    });
    // It was not opened either.
    await expect(backend.catalog.libraries()).rejects.toMatchObject({ code: 'STORAGE_CLOSED' });
  });

  it('may also predate contract versions', () => {
    const old = { name: 'old' } as StorageBackend;
    expect(() => requireContract(old)).toThrow('The old backend declares no contract version');
    expect(() => requireContract(undefined as never)).toThrow(TypeError);
  });
});

it('works without the optional capabilities, like a backend written before them', async () => {
  const { metrics, searchModes, maxDimension, persistent, multiProcess } = new MemoryBackend().capabilities;
  const backend = new MemoryBackend();
  Object.assign(backend, { capabilities: { metrics, searchModes, maxDimension, persistent, multiProcess } });
  const store = await DocumentStore.open({ backend });
  await store.addPage('fastify', '5', {
    url: '/a',
    chunks: [{ content: 'routes', metadata: { types: ['text'], level: 1, path: ['A'] } }],
  });
  expect(await store.search('fastify', '5', 'routes')).toHaveLength(1);
  expect((await checkStore(backend)).skipped).toHaveLength(2);
  await expect(copyStore(new MemoryBackend(), backend)).rejects.toMatchObject({
    code: 'STORAGE_NOT_SUPPORTED',
  });
  await store.close();
});
