import type { SqliteDriver } from '@switchyard/sqlite-common';
import { StorageError } from '@switchyard/storage-core';
import Database from 'libsql';
import { expect, it } from 'vitest';
import { seededRandom } from '../../../tests/support/random.mjs';
import { LibsqlDriver } from '../src/driver/libsql-driver.js';
import { HeldVersions } from '../src/server/held-versions.js';
import { chunk, fastify, openStore, page } from './support/store.js';
import { tempFile } from './support/temp.js';

const space = { dimension: 4, metric: 'l2' } as const;
const state = { versionId: 1, generation: 1, vectors: 1_000 };
const next = seededRandom();

/** A local file with the tables of a server, and a connection that fails as often as asked. */
async function storeThatFails(times: number) {
  const file = tempFile();
  const store = await openStore(file);
  await store.vectors.reconcile({ model: 'm', ...space }, 'refuse');
  const vector = () => Float32Array.from({ length: 4 }, () => next() - 0.5);
  await store.apply([
    page(
      'https://a/',
      Array.from({ length: state.vectors }, () => chunk('text', { vector: vector() })),
      fastify,
    ),
  ]);
  const driver = new LibsqlDriver({ location: file, connect: () => new Database(file) });
  let failures = times;
  const failing = Object.create(driver, {
    first: {
      value: (sql: string, parameters: []) => {
        if (failures-- > 0) {
          throw new StorageError('STORAGE_UNREACHABLE', 'No answer.', { backend: 'libsql' });
        }
        return driver.first(sql, parameters);
      },
    },
  }) as SqliteDriver;
  return { failing, close: () => driver.close() };
}

/** Lets work in the background end: it takes a turn of the event loop for each of a few parts. */
async function turns(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
}

it('fetches a version again after a failure, once it was searched four times as often', async () => {
  const { failing, close } = await storeThatFails(1);
  const held = new HeldVersions(failing, 2 ** 26);
  for (let search = 0; search < 2; search++) held.scanned('key', space, state);
  await turns();
  expect(held.find('key', space)).toBeNull();
  for (let search = 0; search < 7; search++) held.scanned('key', space, state);
  await turns();
  expect(held.find('key', space)).toBeNull();
  held.scanned('key', space, state);
  await turns();
  expect(held.find('key', space)?.nearest(Float32Array.of(0, 0, 0, 0), 5)).toHaveLength(5);
  expect(held.report()).toMatchObject({ versions: 1, loads: 1 });
  // Another dimension is another store.
  expect(held.find('key', { ...space, dimension: 8 })).toBeNull();
  held.close();
  expect(held.find('key', space)).toBeNull();
  close();
});

it('keeps the versions used last within its limit, and refuses one that takes more than half', async () => {
  const { failing, close } = await storeThatFails(0);
  const size = 1_000 * (4 * 4 + 64 + 4 + 32);
  const held = new HeldVersions(failing, 2 * size + 1_000);
  const hold = async (key: string) => {
    for (let search = 0; search < 2; search++) held.scanned(key, space, state);
    await turns();
  };
  await hold('a');
  await hold('b');
  held.served('a');
  await hold('c');
  expect(['a', 'b', 'c'].map((key) => held.find(key, space) !== null)).toEqual([true, false, true]);
  expect(held.report()).toMatchObject({ versions: 2, loads: 3, evictions: 1, hits: 1 });
  const small = new HeldVersions(failing, size);
  for (let search = 0; search < 3; search++) small.scanned('a', space, state);
  await turns();
  expect(small.report()).toMatchObject({ versions: 0, loads: 0, refusals: 1 });
  close();
});

it('drops what it fetched if the version changes between two parts', async () => {
  const { failing, close } = await storeThatFails(0);
  const held = new HeldVersions(failing, 2 ** 26);
  for (let search = 0; search < 2; search++) held.scanned('key', space, { ...state, generation: 7 });
  await turns();
  expect(held.report()).toMatchObject({ versions: 0, loads: 0 });
  close();
});
