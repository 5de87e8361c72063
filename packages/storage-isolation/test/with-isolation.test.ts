import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseConnectionString, type StorageBackend } from '@switchyard/storage-core';
import type { BackendDefinition } from '@switchyard/storage-core/backend';
import { IsolatedBackend, withIsolation } from '@switchyard/storage-isolation';
import { describe, expect, test } from 'vitest';
import { rejection, trick, trickModule } from './support/trick.js';

const definition = withIsolation(trick, { module: trickModule, exportName: 'trick' });

function create(text: string): StorageBackend {
  return definition.create(parseConnectionString(text, { backends: [definition] }));
}

describe('the connection options', () => {
  test.each([
    ['store.db', false],
    ['trick:memory', false],
    ['http://host', true],
    ['store.db?isolation=process', true],
    ['trick:memory?isolation=process', true],
    ['http://host?isolation=inline', false],
    ['store.db?readers=2', true],
    ['store.db?callTimeoutMs=500', true],
  ])('%s runs in a child process: %s', (text, isolated) => {
    expect(create(text) instanceof IsolatedBackend).toBe(isolated);
  });

  test.each([
    'store.db?isolation=inline&readers=2',
    'trick:memory?readers=1',
    'http://host?readers=1',
    'a?isolation=thread',
  ])('%s is refused', (text) => {
    expect(() => create(text)).toThrow(expect.objectContaining({ code: 'STORAGE_CONNECTION_STRING' }));
  });

  test('take effect', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'switchyard-isolation-'));
    const backend = create(
      `${join(folder, 'log')}?readers=1&callTimeoutMs=300&password=p`,
    ) as IsolatedBackend;
    try {
      await backend.open();
      expect(backend.processes.readers).toHaveLength(1);
      expect(await rejection(backend.catalog.library({ library: 'hang-busy' }))).toMatchObject({
        code: 'STORAGE_TIMEOUT',
      });
      expect(await backend.inspect()).toMatchObject({ password: 'p' });
    } finally {
      await backend.close();
      await rm(folder, { recursive: true, force: true });
    }
  });

  test('are not passed to an inline backend', async () => {
    const backend = create('trick:memory?isolation=inline&password=p');
    await backend.open();
    expect(await backend.inspect()).toMatchObject({ options: ['password'] });
    await backend.close();
  });

  test('do not make the child start another child', async () => {
    const module = new URL('./fixtures/wrapped.mjs', import.meta.url);
    const { wrapped } = (await import(module.href)) as { wrapped: BackendDefinition };
    const backend = wrapped.create(
      parseConnectionString('trick:memory?isolation=process', { backends: [wrapped] }),
    ) as IsolatedBackend;
    await backend.open();
    expect((await backend.catalog.library({ library: 'pid' }))?.id).toBe(backend.processes.writer);
    await backend.close();
  });
});
