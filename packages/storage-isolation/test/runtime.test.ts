import { isStorageError } from '@switchyard/storage-core';
import { expect, it } from 'vitest';
import { requireChildProcesses } from '../src/launcher/runtime.js';

it('refuses child processes in Bun, and says what works there', () => {
  let thrown: unknown;
  try {
    requireChildProcesses('libsql', { node: '24.3.0', bun: '1.4.5' });
  } catch (error) {
    thrown = error;
  }
  expect(isStorageError(thrown, 'STORAGE_NOT_SUPPORTED')).toBe(true);
  expect(thrown).toMatchObject({ outcome: 'not-applied', retryable: false });
  expect(String((thrown as { advice: string }).advice)).toContain('isolation=inline');
});

it('allows them elsewhere', () => {
  expect(() => requireChildProcesses('libsql', { node: '20.19.0' })).not.toThrow();
  expect(() => requireChildProcesses('libsql')).not.toThrow();
});
