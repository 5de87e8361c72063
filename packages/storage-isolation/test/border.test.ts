import { readFileSync } from 'node:fs';
import { deadlineIn, type MigrateOptions, StorageError } from '@switchyard/storage-core';
import { describe, expect, test } from 'vitest';
import { until } from '../../../tests/support/processes.js';
import { makeTrick, openTrick, rejection } from './support/trick.js';

describe('a call across processes', () => {
  test('keeps the bytes of vectors, including views of a larger buffer', async () => {
    const { backend } = await openTrick();
    const whole = Float32Array.from([9, 0.1, -2.5, 3e38, 9]);
    const vector = whole.subarray(1, 4);
    const hits = await backend.vectors.nearest({ version: { versionId: 1 }, vector, limit: 3 });
    expect(hits.map(({ distance }) => distance)).toEqual([...vector]);
    const candidates = await backend.candidates?.({
      versions: [{ versionId: 1 }],
      vector: { values: vector, limit: 1 },
      fts: { terms: [], limit: 1 },
      fusion: { limit: 1 },
    });
    expect(candidates?.structural).toEqual([...vector]);
  });

  test('keeps every field of a storage error', async () => {
    const { backend } = await openTrick();
    const error = (await rejection(backend.catalog.library({ library: 'busy' }))) as StorageError;
    expect(error).toBeInstanceOf(StorageError);
    expect(error).toMatchObject({
      code: 'STORAGE_BUSY',
      message: 'held',
      backend: 'trick',
      retryable: true,
      outcome: 'not-applied',
      details: { waited: 5 },
    });
    expect((error.cause as Error).message).toBe('SQLITE_BUSY');
  });

  test('keeps the class of programmer errors', async () => {
    const { backend } = await openTrick();
    await expect(backend.catalog.library({ library: 'type-error' })).rejects.toThrow(new TypeError('not so'));
    await expect(backend.catalog.library({ library: 'range-error' })).rejects.toThrow(
      new RangeError('too far'),
    );
    expect(await rejection(backend.catalog.library({ library: 'other-error' }))).toMatchObject({
      name: 'StrangeError',
      message: 'strange',
    });
    const notAVector = [1, 2] as unknown as Float32Array;
    await expect(
      backend.vectors.nearest({ version: { versionId: 1 }, vector: notAVector, limit: 1 }),
    ).rejects.toThrow(TypeError);
  });

  test('rejects an argument that cannot be sent with a TypeError and leaves the child alone', async () => {
    const { backend, read, incidents } = await openTrick();
    const pid = await read('before');
    const ids = [() => 1] as unknown as number[];
    await expect(backend.catalog.chunks(ids)).rejects.toThrow(/cannot be sent to another process/);
    expect(await read('after')).toBe(pid);
    expect(incidents).toEqual([]);
  });

  test('accepts call options that are part of a larger object', async () => {
    const { backend } = await openTrick();
    const options = { deadline: deadlineIn(20_000), backend, callback: () => undefined };
    const found = await backend.catalog.library({ library: 'deadline' }, options);
    expect(found?.name).toBe(String(options.deadline));
  });

  test("uses the caller's deadline, or the default one", async () => {
    const { backend } = await openTrick({ callTimeoutMs: 60_000 });
    const deadline = deadlineIn(12_345);
    expect((await backend.catalog.library({ library: 'deadline' }, { deadline }))?.name).toBe(
      String(deadline),
    );
    const before = Date.now();
    const own = Number((await backend.catalog.library({ library: 'deadline' }))?.name);
    expect(own).toBeGreaterThanOrEqual(before + 60_000);
    expect(own).toBeLessThanOrEqual(Date.now() + 60_000);
  });

  test('accepts a deadline further away than a timer can wait', async () => {
    const { read } = await openTrick();
    expect(await read('far', { deadline: Number.POSITIVE_INFINITY })).toBeGreaterThan(0);
    expect(await read('far', { deadline: deadlineIn(2 ** 40) })).toBeGreaterThan(0);
  });

  test('reports migration progress in order, and only if requested', async () => {
    const { backend } = await openTrick();
    const steps: string[] = [];
    const result = await backend.migrator.migrate({
      dryRun: true,
      onProgress: ({ done, total, step }) => steps.push(`${done}/${total} ${step}`),
    });
    expect(steps).toEqual(['1/3 step 1', '2/3 step 2', '3/3 step 3']);
    expect(result).toMatchObject({ applied: ['reported'], dryRun: true });
    expect((await backend.migrator.migrate()).applied).toEqual([]);
  });

  test('fails only its own call when a progress callback throws', async () => {
    const { backend, read } = await openTrick({ graceMs: 5_000 });
    const pid = await read('before');
    const onProgress: MigrateOptions['onProgress'] = () => {
      throw new Error('callback broke');
    };
    await expect(backend.migrator.migrate({ onProgress })).rejects.toThrow('callback broke');
    expect(await read('after')).toBe(pid);
  });
});

describe('an isolated backend', () => {
  test('knows its name and capabilities before it is open', async () => {
    const { backend } = await makeTrick();
    expect(backend.name).toBe('trick');
    expect(backend.capabilities).toMatchObject({ maxDimension: 4096, candidates: true });
    expect(backend.isOpen).toBe(false);
    expect(backend.processes).toEqual({ writer: null, readers: [], launcher: null });
    expect(await rejection(backend.catalog.libraries())).toMatchObject({ code: 'STORAGE_CLOSED' });
  });

  test('rejects a child that reports different capabilities', async () => {
    const { backend } = await makeTrick({}, {}, 'inconsistent');
    expect(await rejection(backend.open())).toMatchObject({ code: 'STORAGE_INTERNAL' });
  });
});

describe('secrets', () => {
  test('reach the child over the channel only', async () => {
    process.env.LIBSQL_AUTH_TOKEN = 's3cret-token';
    try {
      const { backend, read } = await openTrick();
      expect(await backend.inspect()).toMatchObject({
        token: 's3cret-token',
        password: 's3cret-password',
        user: 'me',
        userPassword: 's3cret-of-me',
      });
      expect((await backend.catalog.library({ library: 'environment' }))?.name).not.toContain('s3cret');
      if (process.platform === 'linux') {
        const pid = await read('pid');
        for (const listing of ['environ', 'cmdline']) {
          expect(readFileSync(`/proc/${pid}/${listing}`, 'utf8')).not.toContain('s3cret');
        }
      }
    } finally {
      delete process.env.LIBSQL_AUTH_TOKEN;
    }
  });

  test('of other services in the environment reach neither the child nor the launcher', async () => {
    Object.assign(process.env, {
      OPENAI_API_KEY: 's3cret-key',
      NODE_AUTH_TOKEN: 's3cret-npm',
      WANTED: 'yes',
    });
    try {
      const { backend, read } = await openTrick({ env: ['WANTED'], launcherDelayMs: 0 });
      const { library: lookUp } = backend.catalog;
      expect((await lookUp({ library: 'environment' }))?.name).not.toContain('s3cret');
      if (process.platform !== 'linux') return;
      const environ = (pid: number | null) => readFileSync(`/proc/${pid}/environ`, 'utf8');
      const own = environ(await read('pid'));
      expect(own).toContain('WANTED=yes');
      expect(own).toContain('PATH=');
      await until(() => backend.processes.launcher !== null);
      for (const text of [own, environ(backend.processes.launcher)]) expect(text).not.toContain('s3cret');
    } finally {
      for (const name of ['OPENAI_API_KEY', 'NODE_AUTH_TOKEN', 'WANTED']) delete process.env[name];
    }
  });

  test('are redacted in the stderr of the child and in the error that quotes it', async () => {
    const { backend, stderr } = await openTrick({ attempts: 1 });
    const error = (await rejection(backend.catalog.library({ library: 'print-and-exit' }))) as StorageError;
    expect(stderr.join('')).toContain('the token is [redacted]');
    expect(String(error.cause)).toContain('the token is [redacted]');
    expect(JSON.stringify(error)).not.toContain('s3cret');
  });
});
