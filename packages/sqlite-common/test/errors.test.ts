import { toStorageError } from '@switchyard/sqlite-common';
import { StorageError } from '@switchyard/storage-core';
import { describe, expect, it } from 'vitest';

const context = { backend: 'test' };

function failure(message: string, facts: object = {}): Error {
  return Object.assign(new Error(message), facts);
}

describe('toStorageError', () => {
  it.each([
    ['STORAGE_BUSY', failure('database is locked', { code: 'SQLITE_BUSY' })],
    ['STORAGE_BUSY', failure('x', { code: 'SQLITE_BUSY_SNAPSHOT', rawCode: 517 })],
    ['STORAGE_BUSY', failure('x', { code: 'SQLITE_LOCKED' })],
    ['STORAGE_DISK_FULL', failure('x', { code: 'SQLITE_FULL' })],
    ['STORAGE_CORRUPT', failure('x', { code: 'SQLITE_CORRUPT_VTAB' })],
    ['STORAGE_CORRUPT', failure('database disk image is malformed')],
    ['STORAGE_SCHEMA_UNSUPPORTED', failure('file is not a database', { code: 'SQLITE_NOTADB' })],
    ['STORAGE_CONSTRAINT', failure('x', { code: 'SQLITE_CONSTRAINT_PRIMARYKEY', rawCode: 1555 })],
    ['STORAGE_CONSTRAINT', failure('UNIQUE constraint failed: pages.url')],
    ['STORAGE_PERMISSION_DENIED', failure('x', { code: 'SQLITE_READONLY_DBMOVED' })],
    ['STORAGE_PERMISSION_DENIED', failure('unable to open database file', { code: 'SQLITE_CANTOPEN' })],
    [
      'STORAGE_PERMISSION_DENIED',
      failure('ConnectionFailed("Unable to open connection to local database /a: b/x.db: 14")'),
    ],
    ['STORAGE_TOO_LARGE', failure('string or blob too big', { code: 'SQLITE_TOOBIG' })],
    ['STORAGE_INTERNAL', failure('disk I/O error', { code: 'SQLITE_IOERR_WRITE' })],
    ['STORAGE_INTERNAL', failure('no such table: t', { code: 'SQLITE_ERROR', rawCode: 1 })],
    ['STORAGE_INTERNAL', 'not even an error'],
  ])('%s for %s', (code, error) => {
    const known = toStorageError(error, { ...context, outcome: 'not-applied' });
    expect(known).toMatchObject({ name: 'StorageError', code, backend: 'test', outcome: 'not-applied' });
    expect((known as StorageError).cause).toBe(error);
  });

  it('returns programming mistakes unchanged, and completes a StorageError', () => {
    const mistake = new TypeError('x');
    expect(toStorageError(mistake, context)).toBe(mistake);
    const known = toStorageError(new StorageError('STORAGE_NOT_FOUND', 'gone'), context);
    expect(known).toMatchObject({ code: 'STORAGE_NOT_FOUND', message: 'gone', backend: 'test' });
  });
});
