import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { deadlineIn, diagnosticsChannels, type Mutation, type RetryEvent } from '@switchyard/storage-core';
import { describe, expect, test } from 'vitest';
import { isAlive, until } from '../../../tests/support/processes.js';
import { openTrick, rejection } from './support/trick.js';

const status = (library: string): Mutation => ({
  kind: 'setVersionStatus',
  version: { library, version: '' },
  status: 'queued',
});
const removal = (library: string): Mutation => ({ kind: 'removeVersion', version: { library, version: '' } });

describe('a child that hangs', () => {
  test.each(['hang-busy', 'hang-native', 'hang-promise'])(
    'in a read (%s): times out at the deadline, and the next call succeeds in a new child',
    async (command) => {
      const { read, backend, incidents } = await openTrick();
      const before = await read('before');
      const error = await rejection(
        backend.catalog.library({ library: command }, { deadline: deadlineIn(100) }),
      );
      expect(error).toMatchObject({
        code: 'STORAGE_TIMEOUT',
        backend: 'trick',
        retryable: true,
        outcome: undefined,
      });
      expect(await read('after')).not.toBe(before);
      expect(isAlive(before)).toBe(false);
      expect(incidents.map(({ kind }) => kind)).toEqual(['killed']);
    },
  );

  test('in a write: the outcome is unknown', async () => {
    const { backend } = await openTrick();
    const hung = backend.apply([status('hang-busy')], { deadline: deadlineIn(100) });
    const queued = backend.apply([status('never-begun')], { deadline: deadlineIn(100) });
    expect(await rejection(hung)).toMatchObject({ code: 'STORAGE_TIMEOUT', outcome: 'unknown' });
    expect(await rejection(queued)).toMatchObject({ code: 'STORAGE_TIMEOUT', outcome: 'not-applied' });
  });

  test('delays queued calls by no more than its deadline and grace period', async () => {
    const { backend, read, attempts } = await openTrick();
    const hung = backend.catalog.library({ library: 'hang-busy' }, { deadline: deadlineIn(100) });
    const behind = [read('one'), backend.apply([removal('two')]), read('three')];
    expect(await rejection(hung)).toMatchObject({ code: 'STORAGE_TIMEOUT' });
    await Promise.all(behind);
    expect([await attempts('one'), await attempts('two'), await attempts('three')]).toEqual([1, 1, 1]);
  });

  test('is replaced before the deadline when the call can be repeated', async () => {
    const { read, attempts, incidents } = await openTrick({ attemptTimeoutMs: 150 });
    const before = await read('before');
    expect(await read('hang-first')).not.toBe(before);
    expect(await attempts('hang-first')).toBe(2);
    expect(incidents.map(({ kind }) => kind)).toEqual(['killed', 'retry']);
  });

  test('is published to the diagnostics channel, without what the call was about', async () => {
    const events: RetryEvent[] = [];
    const listener = (event: unknown) => void events.push(event as RetryEvent);
    subscribe(diagnosticsChannels.retry, listener);
    try {
      const { read } = await openTrick({ attemptTimeoutMs: 150 });
      await read('hang-first');
    } finally {
      unsubscribe(diagnosticsChannels.retry, listener);
    }
    expect(events).toEqual([
      { backend: 'trick', kind: 'killed', pid: expect.any(Number), methods: ['catalog.library'] },
      { backend: 'trick', kind: 'retry', pid: null, methods: ['catalog.library'] },
    ]);
  });

  test('is left alone until the deadline when the write cannot be repeated', async () => {
    const { backend, attempts } = await openTrick({ attemptTimeoutMs: 50 });
    const error = await rejection(backend.apply([removal('hang-first')], { deadline: deadlineIn(300) }));
    expect(error).toMatchObject({ code: 'STORAGE_TIMEOUT', outcome: 'unknown' });
    expect(await attempts('hang-first')).toBe(1);
  });

  test('stays alive if it is merely late', async () => {
    const { read, incidents } = await openTrick({ graceMs: 10_000 });
    const before = await read('before');
    expect(await rejection(read('work=200', { deadline: deadlineIn(50) }))).toMatchObject({
      code: 'STORAGE_TIMEOUT',
    });
    expect(await read('after')).toBe(before);
    expect(incidents).toEqual([]);
  });
});

describe('a child that dies', () => {
  test.each(['abort-first', 'exit-first'])('in a read (%s): the read is retried', async (command) => {
    const { read, attempts, incidents } = await openTrick();
    const before = await read('before');
    expect(await read(command)).not.toBe(before);
    expect(await attempts(command)).toBe(2);
    expect(incidents.map(({ kind }) => kind)).toEqual(['crashed', 'retry']);
    expect(incidents[0]).toMatchObject({ pid: before, methods: ['catalog.library'] });
  });

  test('between two calls: the next call succeeds', async () => {
    const { read } = await openTrick();
    const before = await read('before');
    process.kill(before, 'SIGKILL');
    await until(() => !isAlive(before));
    expect(await read('after')).not.toBe(before);
  });

  test.each([
    { command: 'abort', details: { exitCode: null, signal: 'SIGABRT', attempts: 3 } },
    { command: 'exit', details: { exitCode: 7, signal: null, attempts: 3 } },
  ])(
    'on every attempt of the same read ($command): the read fails, other calls continue',
    async ({ command, details }) => {
      const { backend, read, attempts } = await openTrick();
      const poisoned = backend.catalog.library({ library: command });
      const other = read('innocent');
      expect(await rejection(poisoned)).toMatchObject({
        code: 'STORAGE_CRASHED',
        retryable: false,
        outcome: undefined,
        details,
      });
      await other;
      expect(await attempts(command)).toBe(3);
      expect(await attempts('innocent')).toBe(1);
    },
  );

  test('in one of several concurrent calls: the others succeed', async () => {
    const { backend, read, attempts } = await openTrick({ concurrency: 4 });
    const slow = ['sleep=100', 'sleep=101'].map((command) => read(command));
    const poisoned = backend.catalog.library({ library: 'exit-late=20' });
    expect(await rejection(poisoned)).toMatchObject({ code: 'STORAGE_CRASHED' });
    await Promise.all(slow);
    expect(await attempts('exit-late=20')).toBe(3);
  });

  test('in a write that can be repeated: the write is retried', async () => {
    const { backend, attempts } = await openTrick();
    const [result] = await backend.apply([status('abort-first')]);
    expect(result?.kind).toBe('setVersionStatus');
    expect(await attempts('abort-first')).toBe(2);
  });

  test('in a write that would return a different result if repeated: the outcome is unknown', async () => {
    const { backend, attempts } = await openTrick();
    const error = await rejection(backend.apply([status('fine'), removal('abort-first')]));
    expect(error).toMatchObject({ code: 'STORAGE_CRASHED', outcome: 'unknown', retryable: true });
    expect(await attempts('abort-first')).toBe(1);
  });

  test('on every attempt of a write: the write fails with an unknown outcome', async () => {
    const { backend, attempts } = await openTrick();
    const error = await rejection(backend.apply([status('exit')]));
    expect(error).toMatchObject({ code: 'STORAGE_CRASHED', outcome: 'unknown', retryable: false });
    expect(await attempts('exit')).toBe(3);
  });

  test('does not reorder writes', async () => {
    const { backend, lines } = await openTrick();
    await Promise.all(['first', 'exit-first', 'third'].map((name) => backend.apply([status(name)])));
    const written = (await lines()).filter((line) => !line.startsWith('open'));
    expect(written).toEqual(['first', 'exit-first', 'exit-first', 'third']);
  });
});

describe('a store that cannot be reached', () => {
  test('is retried for reads and for writes that can be repeated', async () => {
    const { backend, read, attempts } = await openTrick();
    await read('unreachable-first=unknown');
    expect(await attempts('unreachable-first=unknown')).toBe(2);
    expect(await rejection(backend.apply([status('unreachable=unknown')]))).toMatchObject({
      code: 'STORAGE_UNREACHABLE',
      outcome: 'unknown',
    });
    expect(await attempts('unreachable=unknown')).toBe(3);
  });

  test('is retried for any write that was not applied', async () => {
    const { backend, attempts } = await openTrick();
    await backend.apply([removal('unreachable-first=not-applied')]);
    expect(await attempts('unreachable-first=not-applied')).toBe(2);
    const error = await rejection(backend.apply([removal('unreachable-first=unknown')]));
    expect(error).toMatchObject({ code: 'STORAGE_UNREACHABLE', outcome: 'unknown' });
    expect(await attempts('unreachable-first=unknown')).toBe(1);
  });

  test('is reported as unreachable when the deadline passes before a retry', async () => {
    const { read, attempts } = await openTrick({ backoffBaseMs: 60_000, backoffMaxMs: 60_000 });
    expect(await rejection(read('unreachable=unknown', { deadline: deadlineIn(1_000) }))).toMatchObject({
      code: 'STORAGE_UNREACHABLE',
    });
    expect(await attempts('unreachable=unknown')).toBe(1);
  });

  test('is not retried after other errors', async () => {
    const { read, attempts } = await openTrick();
    await rejection(read('busy'));
    expect(await attempts('busy')).toBe(1);
  });
});

describe('a call that is aborted', () => {
  test('is rejected immediately; the child sees the signal and stays alive', async () => {
    const { backend, read, lines, started } = await openTrick({ graceMs: 10_000 });
    const before = await read('before');
    const controller = new AbortController();
    const reason = new Error('enough');
    const call = backend.catalog.library({ library: 'until-aborted' }, { signal: controller.signal });
    void started('until-aborted').then(() => controller.abort(reason));
    expect(await rejection(call)).toMatchObject({ code: 'STORAGE_ABORTED', cause: reason });
    expect(await read('after')).toBe(before);
    expect(await lines()).toContain('saw the signal');
  });

  test('kills a child that does not return from it', async () => {
    const { backend, read, started } = await openTrick();
    const before = await read('before');
    const controller = new AbortController();
    const call = backend.apply([status('hang-native')], { signal: controller.signal });
    const queued = backend.apply([status('queued')], { signal: controller.signal });
    void started('hang-native').then(() => controller.abort());
    expect(await rejection(call)).toMatchObject({ code: 'STORAGE_ABORTED', outcome: 'unknown' });
    expect(await rejection(queued)).toMatchObject({ code: 'STORAGE_ABORTED', outcome: 'not-applied' });
    expect(await read('after')).not.toBe(before);
  });

  test('before it starts never reaches the child', async () => {
    const { backend, attempts } = await openTrick();
    const error = await rejection(backend.apply([status('never')], { signal: AbortSignal.abort() }));
    expect(error).toMatchObject({ code: 'STORAGE_ABORTED', outcome: 'not-applied' });
    expect(await attempts('never')).toBe(0);
  });
});
