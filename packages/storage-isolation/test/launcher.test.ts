import { describe, expect, test } from 'vitest';
import { isAlive, until } from '../../../tests/support/processes.js';
import { makeTrick, openTrick } from './support/trick.js';

describe('the launcher', () => {
  test('starts replacement children and ends with the last backend', async () => {
    const first = await openTrick();
    const second = await openTrick();
    await until(() => first.backend.processes.launcher !== null);
    const launcher = first.backend.processes.launcher as number;
    expect(second.backend.processes.launcher).toBe(launcher);
    const before = await first.read('before');
    process.kill(before, 'SIGKILL');
    await until(() => !isAlive(before));
    const after = await first.read('after');
    expect(after).not.toBe(before);
    expect(first.backend.processes.writer).toBe(after);
    await first.backend.close();
    expect(isAlive(launcher)).toBe(true);
    await second.backend.close();
    await until(() => !isAlive(launcher));
    expect(isAlive(after)).toBe(false);
  });

  test('is replaced, along with the children it started, when it dies', async () => {
    const { backend, read, incidents } = await openTrick();
    await until(() => backend.processes.launcher !== null);
    process.kill(await read('before'), 'SIGKILL');
    const child = await read('started by the launcher');
    const launcher = backend.processes.launcher as number;
    process.kill(launcher, 'SIGKILL');
    await until(() => !isAlive(child));
    expect(await read('after')).not.toBe(child);
    expect(backend.processes.launcher).not.toBe(launcher);
    expect(incidents.every(({ kind }) => kind === 'crashed' || kind === 'retry')).toBe(true);
  });

  test('is not started for short-lived programs', async () => {
    const { backend, read } = await makeTrick({ launcherDelayMs: 60_000 });
    await backend.open();
    const before = await read('before');
    expect(await read('exit-first')).not.toBe(before);
    expect(backend.processes.launcher).toBeNull();
  });

  test('forwards the stderr of a child with secrets redacted', async () => {
    const { backend, read, stderr } = await openTrick();
    await until(() => backend.processes.launcher !== null);
    process.kill(await read('before'), 'SIGKILL');
    await read('started by the launcher');
    await expect(read('print-and-exit')).rejects.toThrow(/exit code 1/);
    expect(stderr.join('')).toContain('the token is [redacted]');
  });
});
