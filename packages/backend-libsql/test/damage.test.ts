import { closeSync, copyFileSync, fstatSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { startSqld } from '@switchyard/sqld';
import type { StorageBackend } from '@switchyard/storage-core';
import { expect, it } from 'vitest';
import { connect } from './support/connect.js';
import { describeWithSqld } from './support/sqld.js';
import { chunk, fastify, openStore, page } from './support/store.js';
import { tempFile, tempFolder } from './support/temp.js';

async function fill(store: StorageBackend): Promise<void> {
  for (let p = 0; p < 20; p++) {
    await store.apply([
      page(
        `/${p}`,
        Array.from({ length: 30 }, (_, i) => chunk(`zebra ${i} `.repeat(100))),
      ),
    ]);
  }
}

/** Overwrites everything behind the pages that say what tables there are. */
function damage(file: string): void {
  const descriptor = openSync(file, 'r+');
  const { size } = fstatSync(descriptor);
  const noise = Buffer.alloc(4_096, 0xa5);
  for (let at = 256 * 1_024; at + noise.length <= size; at += noise.length) {
    writeSync(descriptor, noise, 0, noise.length, at);
  }
  closeSync(descriptor);
  for (const suffix of ['-wal', '-shm']) rmSync(file + suffix, { force: true });
}

const corrupt = { code: 'STORAGE_CORRUPT', retryable: false };

/** Reads every chunk there is. */
const readAll = async (store: StorageBackend) => {
  for (let p = 0; p < 20; p++) await store.catalog.chunksByUrl(fastify, `/${p}`);
};

/** A file with a store of which most is damaged. */
async function damagedFile(): Promise<string> {
  const file = tempFile();
  const store = await openStore(file);
  await fill(store);
  await store.close();
  damage(file);
  return file;
}

it('reading a damaged part of a file fails with STORAGE_CORRUPT', async () => {
  const store = await openStore(await damagedFile());
  await expect(readAll(store)).rejects.toMatchObject(corrupt);
});

describeWithSqld('a damaged database of a server', () => {
  it.each(['inline', 'process'])(
    'is STORAGE_CORRUPT when what is damaged is read, isolation=%s',
    async (isolation) => {
      const directory = tempFolder();
      mkdirSync(join(directory, 'dbs', 'default'), { recursive: true });
      copyFileSync(await damagedFile(), join(directory, 'dbs', 'default', 'data'));
      const server = await startSqld({ directory });
      const store = connect(`${server.url}?isolation=${isolation}`);
      try {
        const use = async () => {
          await store.open();
          await readAll(store);
        };
        await expect(use()).rejects.toMatchObject(corrupt);
      } finally {
        await store.close();
        await server.stop();
      }
    },
  );
});
