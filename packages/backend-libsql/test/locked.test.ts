import type { StorageBackend } from '@switchyard/storage-core';
import Database from 'libsql';
import { expect, it } from 'vitest';
import { describeLockedWrites } from '../../../tests/support/locked-writes.js';
import { openStore } from './support/store.js';
import { tempFile } from './support/temp.js';

function open(file: string): Promise<StorageBackend> {
  return openStore(`${file}?busyTimeoutMs=20`);
}

describeLockedWrites({ newFile: tempFile, open, connect: (file) => new Database(file) });

it('an audit of full text, which needs the lock, says when to run it again, and is none the worse', async () => {
  const file = tempFile();
  const store = await open(file);
  await store.apply([{ kind: 'resolveVersion', library: 'one', version: '' }]);
  const other = new Database(file);
  other.exec('BEGIN IMMEDIATE');
  await expect(store.fts.audit()).rejects.toMatchObject({
    code: 'STORAGE_BUSY',
    retryable: true,
    advice: expect.stringContaining('run it again when nobody writes'),
  });
  expect(await store.catalog.libraries()).toHaveLength(1);
  other.exec('ROLLBACK');
  other.close();
  expect((await store.fts.audit()).problems).toEqual([]);
});
