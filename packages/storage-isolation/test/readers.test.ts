import { deadlineIn } from '@switchyard/storage-core';
import { describe, expect, test } from 'vitest';
import { isAlive, until } from '../../../tests/support/processes.js';
import { makeTrick, openTrick, rejection } from './support/trick.js';

describe('a pool of readers', () => {
  test('runs reads concurrently in readers, and writes and maintenance in the one writer', async () => {
    const { backend, read } = await openTrick({ readers: 2 });
    const { writer, readers } = backend.processes;
    expect(new Set([writer, ...readers]).size).toBe(3);
    const both = await Promise.all([read('sleep=200'), read('sleep=200')]);
    expect([...both].sort()).toEqual([...readers].sort());
    const [written] = await backend.apply([{ kind: 'resolveVersion', library: 'x', version: '' }]);
    expect(written.versionId).toBe(writer);
  });

  test('lets every read see the writes before it, whichever process serves it', async () => {
    const { backend } = await openTrick({ readers: 3 });
    for (let i = 0; i < 10; i++) {
      await backend.apply([{ kind: 'resolveVersion', library: `written-${i}`, version: '' }]);
      const reads = await Promise.all([1, 2, 3, 4].map(() => backend.catalog.libraries()));
      for (const lines of reads) expect(lines.map(({ name }) => name)).toContain(`written-${i}`);
    }
  });

  test('does not delay other reads or writes when a reader hangs', async () => {
    const { backend, read, incidents } = await openTrick({ readers: 2 });
    const hung = rejection(read('hang-busy', { deadline: deadlineIn(600) }));
    const pids = new Set<number>();
    for (let i = 0; i < 5; i++) pids.add(await read(`read ${i}`));
    await backend.apply([{ kind: 'resolveVersion', library: 'write', version: '' }]);
    expect(incidents).toEqual([]); // everything above finished before the deadline
    expect(pids.size).toBe(1);
    expect(await hung).toMatchObject({ code: 'STORAGE_TIMEOUT' });
  });

  test('replaces a reader that dies and retries its read', async () => {
    const { backend, read } = await openTrick({ readers: 1 });
    const [before] = backend.processes.readers as [number];
    const { writer } = backend.processes;
    expect(await read('exit-first')).not.toBe(before);
    expect(backend.processes.writer).toBe(writer);
  });

  test('opens all readers or none', async () => {
    const { backend, onOpen, incidents } = await makeTrick({ readers: 2 });
    await onOpen('busy');
    expect(await rejection(backend.open())).toMatchObject({ code: 'STORAGE_BUSY' });
    expect(backend.processes).toEqual({ writer: null, readers: [], launcher: null });
    expect(incidents).toEqual([]);
    await onOpen(null);
    await backend.open();
    const { writer, readers } = backend.processes;
    await backend.close();
    for (const pid of [writer, ...readers]) await until(() => !isAlive(pid as number));
  });

  test('requires a local file', async () => {
    await expect(makeTrick({ readers: 1 }, { location: { type: 'memory' } })).rejects.toThrow(TypeError);
  });
});
