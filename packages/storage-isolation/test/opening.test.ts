import { readFile } from 'node:fs/promises';
import { deadlineIn } from '@switchyard/storage-core';
import { describe, expect, test, vi } from 'vitest';
import { isAlive, until } from './support/processes.js';
import { makeTrick, openTrick, rejection } from './support/trick.js';

describe('opening', () => {
  test('hands on why it failed, leaves no process, and may be tried again', async () => {
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

  test('that hangs ends at the deadline, or when it is aborted', async () => {
    const { backend, onOpen, lines, incidents } = await makeTrick();
    await onOpen('hang-native');
    expect(await rejection(backend.open({ deadline: deadlineIn(500) }))).toMatchObject({
      code: 'STORAGE_TIMEOUT',
    });
    const controller = new AbortController();
    const opening = backend.open({ signal: controller.signal });
    await vi.waitFor(async () => expect((await lines()).length).toBeGreaterThan(0), { timeout: 30_000 });
    controller.abort();
    expect(await rejection(opening)).toMatchObject({ code: 'STORAGE_ABORTED' });
    expect(backend.processes.writer).toBeNull();
    for (const { pid } of incidents) await until(() => pid === null || !isAlive(pid));
  });

  test('names a module or an export that is not there', async () => {
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
    await expect(noExport.open()).rejects.toThrow(/no definition under the name 'nothing'/);
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

describe('opening again after a crash', () => {
  test('does not begin a new store in place of one that was there', async () => {
    const { read, lines } = await openTrick();
    process.kill(await read('before'), 'SIGKILL');
    await read('after');
    expect((await lines()).filter((line) => line.startsWith('open'))).toEqual([
      'open mustExist=false',
      'open mustExist=true',
    ]);
  });

  test('that fails for good fails what waits for it, and the next call tries again', async () => {
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

  test('that fails for a while is tried again for the calls that wait', async () => {
    const { read, onOpen, lines } = await openTrick();
    const pid = await read('before');
    await onOpen('exit-first');
    process.kill(pid, 'SIGKILL');
    expect(await read('after')).not.toBe(pid);
    expect((await lines()).filter((line) => line === 'exit-first')).toHaveLength(2);
  });

  test('that hangs is not kept for the calls that come later', async () => {
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
  test('closes the backend in the child and ends it; what comes later is refused', async () => {
    const { backend, read, lines } = await openTrick();
    const pid = await read('before');
    const underWay = read('sleep=100');
    await Promise.all([backend.close(), backend.close()]);
    expect(await underWay).toBe(pid);
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

  test('while the child opens again ends that child too', async () => {
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

describe('a child that is kept', () => {
  test('serves the next store, and only when it was asked to, and was closed in order', async () => {
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

    // One that hangs is ended as ever.
    await rejection(second.read('hang-native', { deadline: deadlineIn(50) }));
    await second.backend.close();
    expect(isAlive(pid)).toBe(false);
    const fourth = await openTrick({ keepChild: true });
    expect(await fourth.read('fourth')).not.toBe(pid);
  });

  test('that died meanwhile is not taken', async () => {
    const first = await openTrick({ keepChild: true });
    const pid = await first.read('first');
    await first.backend.close();
    process.kill(pid, 'SIGKILL');
    await until(() => !isAlive(pid));
    await new Promise((resolve) => setTimeout(resolve, 100));
    const second = await openTrick({ keepChild: true });
    expect(await second.read('second')).not.toBe(pid);
  });
});
