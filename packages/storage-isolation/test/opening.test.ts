import { readFile } from 'node:fs/promises';
import { deadlineIn } from '@switchyard/storage-core';
import { describe, expect, test, vi } from 'vitest';
import { isAlive, isReaped, until } from '../../../tests/support/processes.js';
import { makeTrick, openTrick, rejection } from './support/trick.js';

describe('opening', () => {
  test('reports why it failed, leaves no process, and can be retried', async () => {
    const { backend, onOpen, read } = await makeTrick();
    await onOpen('busy');
    expect(await rejection(backend.open())).toMatchObject({ code: 'STORAGE_BUSY' });
    expect(backend.processes.writer).toBeNull();
    await onOpen('abort');
    expect(await rejection(backend.open())).toMatchObject({
      code: 'STORAGE_CRASHED',
      details: { signal: 'SIGABRT' },
    });
    await onOpen(null);
    await backend.open();
    expect(await read('works')).toBe(backend.processes.writer);
  });

  test('ends at the deadline or on abort when the child hangs', async () => {
    const { backend, onOpen, lines, incidents } = await makeTrick();
    await onOpen('hang-native');
    expect(await rejection(backend.open({ deadline: deadlineIn(500) }))).toMatchObject({
      code: 'STORAGE_TIMEOUT',
    });
    const controller = new AbortController();
    const opening = backend.open({ signal: controller.signal });
    await vi.waitFor(async () => expect((await lines()).length).toBeGreaterThan(0), { timeout: 60_000 });
    controller.abort();
    expect(await rejection(opening)).toMatchObject({ code: 'STORAGE_ABORTED' });
    expect(backend.processes.writer).toBeNull();
    for (const { pid } of incidents) await until(() => pid === null || !isAlive(pid));
  });

  test('names a missing module or export', async () => {
    const { isolate } = await import('@switchyard/storage-isolation');
    const { trick, trickModule } = await import('./support/trick.js');
    const connection = {
      backend: 'trick',
      location: { type: 'memory' as const },
      authToken: null,
      options: {},
      redacted: 'trick:memory',
    };
    const noExport = isolate({
      definition: trick,
      reference: { module: trickModule, exportName: 'nothing' },
      connection,
    });
    await expect(noExport.open()).rejects.toThrow(/does not export a backend definition named 'nothing'/);
    const noModule = isolate({
      definition: trick,
      reference: { module: new URL('./absent.mjs', trickModule), exportName: 'trick' },
      connection,
    });
    await expect(noModule.open()).rejects.toThrow(/Cannot find module/);
    expect(() => isolate({ definition: trick, reference: { module: './relative.mjs' }, connection })).toThrow(
      TypeError,
    );
  });
});

describe('reopening after a crash', () => {
  test('does not create a new store in place of an existing one', async () => {
    const { read, lines } = await openTrick();
    process.kill(await read('before'), 'SIGKILL');
    await read('after');
    expect((await lines()).filter((line) => line.startsWith('open'))).toEqual([
      'open mustExist=false',
      'open mustExist=true',
    ]);
  });

  test('fails the waiting calls on a permanent error, and the next call tries again', async () => {
    const { backend, read, onOpen } = await openTrick();
    const pid = await read('before');
    await onOpen('busy');
    process.kill(pid, 'SIGKILL');
    await until(() => !isAlive(pid));
    const waiting = [read('one'), read('two')].map(rejection);
    for (const error of await Promise.all(waiting)) expect(error).toMatchObject({ code: 'STORAGE_BUSY' });
    await onOpen(null);
    expect(await read('three')).toBe(backend.processes.writer);
  });

  test('is retried for the waiting calls after a transient failure', async () => {
    const { read, onOpen, lines } = await openTrick();
    const pid = await read('before');
    await onOpen('exit-first');
    process.kill(pid, 'SIGKILL');
    expect(await read('after')).not.toBe(pid);
    expect((await lines()).filter((line) => line === 'exit-first')).toHaveLength(2);
  });

  test('starts over for later calls when it hangs', async () => {
    const { backend, read, onOpen } = await openTrick();
    const pid = await read('before');
    await onOpen('hang-native');
    process.kill(pid, 'SIGKILL');
    await until(() => !isAlive(pid));
    expect(await rejection(read('late', { deadline: deadlineIn(600) }))).toMatchObject({
      code: 'STORAGE_TIMEOUT',
    });
    await onOpen(null); // the server is back
    expect(await read('after', { deadline: deadlineIn(10_000) })).toBe(backend.processes.writer);
  });
});

describe('closing', () => {
  test('closes the backend in the child and ends the child; later calls are rejected', async () => {
    const { backend, read, lines } = await openTrick();
    const pid = await read('before');
    const running = read('sleep=100');
    await Promise.all([backend.close(), backend.close()]);
    expect(await running).toBe(pid);
    expect(isAlive(pid)).toBe(false);
    expect((await lines()).at(-1)).toBe('close');
    expect(await rejection(read('late'))).toMatchObject({ code: 'STORAGE_CLOSED' });
    await backend.open();
    expect(await read('again')).not.toBe(pid);
  });

  test('does not wait for a child that hangs', async () => {
    const { backend, read } = await openTrick({ graceMs: 60_000 });
    const pid = await read('before');
    await rejection(read('hang-native', { deadline: deadlineIn(50) }));
    await backend.close();
    expect(isAlive(pid)).toBe(false);
  });

  test('ends a child that is still reopening', async () => {
    const { backend, read, onOpen, path } = await openTrick();
    const pid = await read('before');
    await onOpen('hang-native');
    process.kill(pid, 'SIGKILL');
    await until(() => !isAlive(pid));
    const call = rejection(read('never', { deadline: deadlineIn(700) }));
    await until(() => backend.processes.writer !== null);
    const opening = backend.processes.writer as number;
    await backend.close();
    expect(await call).toMatchObject({ code: 'STORAGE_TIMEOUT' });
    expect(isAlive(opening)).toBe(false);
    expect(await readFile(path, 'utf8')).not.toContain('never');
  });
});

describe('a kept child', () => {
  test('serves the next store only if both set keepChild and it was closed cleanly', async () => {
    const first = await openTrick({ keepChild: true });
    const pid = await first.read('first');
    await first.backend.close();
    expect(isAlive(pid)).toBe(true);

    const other = await openTrick();
    expect(await other.read('not kept')).not.toBe(pid);
    const second = await openTrick({ keepChild: true });
    const third = await openTrick({ keepChild: true });
    expect(await second.read('second')).toBe(pid);
    expect(await third.read('third')).not.toBe(pid);
    expect(await second.lines()).toContain('second');
    expect(await first.lines()).not.toContain('second');

    // A child that hangs is killed as usual.
    await rejection(second.read('hang-native', { deadline: deadlineIn(50) }));
    await second.backend.close();
    expect(isAlive(pid)).toBe(false);
    const fourth = await openTrick({ keepChild: true });
    expect(await fourth.read('fourth')).not.toBe(pid);
  });

  test('is one of two at most', async () => {
    const opened = [];
    for (let n = 0; n < 3; n++) opened.push(await openTrick({ keepChild: true }));
    const pids = await Promise.all(opened.map(({ read }) => read('kept')));
    for (const { backend } of opened) await backend.close();
    expect(pids.map(isAlive)).toEqual([true, true, false]);
    const next = [await openTrick({ keepChild: true }), await openTrick({ keepChild: true })];
    const reused = await Promise.all(next.map(({ read }) => read('reused')));
    expect(reused.sort()).toEqual(pids.slice(0, 2).sort());
  });

  test('is not reused if it has died', async () => {
    const first = await openTrick({ keepChild: true });
    const pid = await first.read('first');
    await first.backend.close();
    process.kill(pid, 'SIGKILL');
    await until(() => isReaped(pid));
    const second = await openTrick({ keepChild: true });
    expect(await second.read('second')).not.toBe(pid);
  });
});
