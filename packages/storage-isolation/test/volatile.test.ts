import { deadlineIn } from '@switchyard/storage-core';
import { describe, expect, test } from 'vitest';
import { isAlive, until } from '../../../tests/support/processes.js';
import { openTrick, rejection } from './support/trick.js';

const memory = { location: { type: 'memory' as const } };

describe('a store that exists only in the memory of its process', () => {
  test('is not silently empty after a crash', async () => {
    const { backend, read } = await openTrick({}, memory);
    const pid = await read('before');
    expect(await rejection(read('exit'))).toMatchObject({ code: 'STORAGE_CRASHED' });
    expect(await rejection(read('after'))).toMatchObject({ code: 'STORAGE_CRASHED', retryable: false });
    await backend.close();
    await backend.open();
    expect(await read('new store')).not.toBe(pid);
  });

  test('is reported lost when its process was killed between two calls', async () => {
    const { read } = await openTrick({}, memory);
    const pid = await read('before');
    process.kill(pid, 'SIGKILL');
    await until(() => !isAlive(pid));
    expect(await rejection(read('after'))).toMatchObject({ code: 'STORAGE_CRASHED' });
  });

  test('is not discarded because a call is late', async () => {
    const { read, incidents } = await openTrick({ graceMs: 1 }, memory);
    const pid = await read('before');
    expect(await rejection(read('work=300', { deadline: deadlineIn(50) }))).toMatchObject({
      code: 'STORAGE_TIMEOUT',
    });
    expect(await read('after')).toBe(pid);
    expect(incidents).toEqual([]);
  });
});
