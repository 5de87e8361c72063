import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readlinkSync, renameSync } from 'node:fs';
import { isStorageError } from '@switchyard/storage-core';
import Database from 'libsql';
import { describe, expect, it } from 'vitest';
import { chunk, createStore, openStore, page } from './support/store.js';
import { tempFile } from './support/temp.js';

/** Number of descriptors of this process for a file or its sidecar files. Linux only. */
function descriptorsOf(file: string): number {
  return readdirSync('/proc/self/fd').filter((descriptor) => {
    try {
      return readlinkSync(`/proc/self/fd/${descriptor}`).startsWith(file);
    } catch {
      return false; // that of the listing
    }
  }).length;
}

const takeExclusively = `
  const database = new (require('libsql'))(process.argv[1], { timeout: 0 });
  database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE; COMMIT');`;

describe('close()', () => {
  it('releases the file: no WAL, no descriptor, and another process can open it', async () => {
    const file = tempFile();
    const store = await openStore(file);
    await store.vectors.reconcile({ model: 'm', dimension: 2 }, 'refuse');
    await store.apply([page('/a', [chunk('words', { vector: new Float32Array([1, 0]) })])]);
    await store.fts.match({ version: { library: 'fastify', version: '5.6.0' }, terms: ['words'], limit: 3 });
    await store.close();
    expect(existsSync(`${file}-wal`) || existsSync(`${file}-shm`)).toBe(false);
    if (process.platform === 'linux') expect(descriptorsOf(file)).toBe(0);
    const { status, stderr } = spawnSync(process.execPath, ['-e', takeExclusively, file], {
      encoding: 'utf8',
    });
    expect([status, stderr]).toEqual([0, '']);
  });

  it('releases the file after a failed call, even if the error is kept, and after a failed opening', async () => {
    const file = tempFile();
    const store = await openStore(file);
    const errors: unknown[] = [];
    const keep = (error: unknown) => errors.push(error);
    await store.apply([page('/a', [chunk('words')])]);
    await store.apply([page('/b', [chunk('words', { id: 1 })])]).catch(keep);
    await store.close();
    expect(existsSync(`${file}-wal`)).toBe(false);
    if (process.platform === 'linux') expect(descriptorsOf(file)).toBe(0);

    const connection = new Database(file);
    connection.exec(`UPDATE switchyard_meta SET value = '99' WHERE key = 'schema_level'`);
    connection.close();
    await createStore(file).open().catch(keep);
    expect(errors).toMatchObject([{ code: 'STORAGE_CONSTRAINT' }, { code: 'STORAGE_SCHEMA_TOO_NEW' }]);
    if (process.platform === 'linux') expect(descriptorsOf(file)).toBe(0);
  });

  it('leaves the file to another store of this process that has it open', async () => {
    const file = tempFile();
    const [one, other] = [await openStore(file), await openStore(file)];
    await one.apply([page('/a', [chunk('words')])]);
    expect(await other.catalog.libraries()).toHaveLength(1); // it opened the path before there was a file
    await one.close();
    expect(existsSync(`${file}-wal`)).toBe(true);
    await other.apply([page('/b', [chunk('words')])]);
    await other.close();
    expect(existsSync(`${file}-wal`)).toBe(false);
    expect(
      await (await openStore(file)).catalog.pages({ library: 'fastify', version: '5.6.0' }),
    ).toHaveLength(2);
  });
});

async function made(file: string): Promise<void> {
  const store = await openStore(file);
  await store.apply([page('/a', [chunk('words')])]);
  await store.close();
}

const withoutDescriptors = `
  import { openSync } from 'node:fs';
  import { libsqlBackend } from '@switchyard/backend-libsql';
  import { parseConnectionString } from '@switchyard/storage-core';
  const connection = parseConnectionString(process.argv[1], { backends: [libsqlBackend] });
  const backend = libsqlBackend.create(connection);
  void process.stdout; // opened while there is a descriptor left for it
  try { for (;;) openSync('/dev/null', 'r'); } catch {}
  await backend.open().then(() => console.log('open'), ({ code, outcome }) => console.log(code, outcome));`;

describe.skipIf(process.platform === 'win32')('a process that has reached its limit of descriptors', () => {
  it.each(['a new store', 'a store'])('is told so when it opens %s', async (what) => {
    const file = tempFile();
    if (what === 'a store') await made(file);
    const command = 'ulimit -n 128; exec "$0" --input-type=module -e "$1" "$2"';
    const { stdout } = spawnSync('sh', ['-c', command, process.execPath, withoutDescriptors, file], {
      encoding: 'utf8',
      cwd: import.meta.dirname,
    });
    expect(stdout.trim()).toBe('STORAGE_TOO_MANY_FILES not-applied');
  });
});

describe('a store whose file is no longer at its path', () => {
  const ways: readonly (readonly [string, (file: string) => Promise<void>])[] = [
    ['moved away', async (file) => renameSync(file, `${file}.away`)],
    [
      'replaced by another store',
      async (file) => {
        await made(`${file}.new`);
        renameSync(`${file}.new`, file);
      },
    ],
  ];

  it.each(ways)(
    '%s: writes are refused and rolled back, reads continue, close() reports it',
    async (_, change) => {
      const file = tempFile();
      const store = await openStore(file);
      await store.apply([page('/a', [chunk('one')])]);
      await change(file);
      const error: unknown = await store
        .apply([page('/b', [chunk('two')])])
        .catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code: 'STORAGE_FILE_REPLACED', outcome: 'not-applied' });
      expect(isStorageError(error) && error.message).toContain(file);
      expect(await store.catalog.pages({ library: 'fastify', version: '5.6.0' })).toHaveLength(1);
      await expect(store.close()).rejects.toMatchObject({ code: 'STORAGE_FILE_REPLACED' });
    },
  );
});
