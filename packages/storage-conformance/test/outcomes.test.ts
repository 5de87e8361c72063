import type { InterruptibleStore } from '@switchyard/storage-conformance';
import { MemoryBackend } from '@switchyard/storage-conformance/memory';
import { runConformance } from '@switchyard/storage-conformance/suite';
import { StorageError, type StorageErrorOptions } from '@switchyard/storage-core';
import { expect, it } from 'vitest';

/** A store in which every third write is applied and then fails with the given outcome. */
function losingAnswers(says: StorageErrorOptions['outcome']): InterruptibleStore {
  const backend = new MemoryBackend();
  const apply = backend.apply.bind(backend);
  let writes = 0;
  backend.apply = async (mutations, options) => {
    const results = await apply(mutations, options);
    writes += 1;
    if (writes % 3 === 0)
      throw new StorageError('STORAGE_UNREACHABLE', 'The answer was lost.', { outcome: says });
    return results;
  };
  return { backend, interrupt: () => undefined, restore: () => undefined };
}

async function outcomeOf(says: StorageErrorOptions['outcome']) {
  const options = {
    name: 'memory',
    create: () => new MemoryBackend(),
    runs: 8,
    interruptions: { 'answers-lost': () => losingAnswers(says) },
  };
  const [result] = await runConformance(options, ({ id }) => id === 'outcomes/answers-lost');
  return result?.outcome;
}

it('a backend that reports `unknown` for a write whose answer was lost passes', async () => {
  expect(await outcomeOf('unknown')).toEqual({ state: 'passed' });
});

it('a backend that reports `not-applied` for it, or nothing, fails', async () => {
  for (const says of ['not-applied', undefined] as const) {
    expect(await outcomeOf(says)).toMatchObject({ state: 'failed', error: { name: 'AssertionError' } });
  }
});
