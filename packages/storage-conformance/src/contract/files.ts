import assert from 'node:assert/strict';
import { existsSync, fstatSync, readdirSync, renameSync, statSync } from 'node:fs';
import { contractGroup } from '../suite/contract-test.js';
import { rejects } from '../support/assertions.js';
import { chunk, fastify, replacePage, vector, write } from '../support/build.js';
import { hasVectors, searchBoth } from '../support/declared.js';

/** Files that SQLite keeps next to an open database. */
const COMPANIONS = ['-wal', '-shm', '-journal'];

/** For stores in a local file, whose `create()` provides the hook `file`. Other stores have nothing to check. */
export const fileTests = contractGroup('files', [
  [
    'close-releases',
    'close() releases the local file of a store immediately: no open descriptor and no leftover files remain',
    async (t) => {
      const { backend, file, again } = await t.openStore();
      if (file === undefined) return;
      await write(backend, fastify, '/a', [chunk('one', { vector: vector(1, 0, 0, 0) })]);
      await searchBoth(backend, fastify, { word: 'one', near: vector(1, 0, 0, 0) });
      if (hasVectors(backend)) {
        await rejects(
          () => backend.apply([replacePage(fastify, '/b', [chunk('x', { vector: new Float32Array(1) })])]),
          'STORAGE_DIMENSION_MISMATCH',
        );
      }
      await backend.close();
      assert.equal(descriptorsOf(file), 0, 'descriptors are open after close()');
      for (const end of COMPANIONS) assert.equal(existsSync(`${file}${end}`), false, `${end} is left`);
      const next = await again();
      assert.equal((await next.catalog.chunksByUrl(fastify, '/a')).length, 1);
    },
  ],
  [
    'replaced',
    'a write is rejected with STORAGE_FILE_REPLACED, and undone, if the local file is no longer at its path',
    async (t) => {
      const { backend, file } = await t.openStore();
      if (file === undefined) return;
      await write(backend, fastify, '/a', [chunk('one')]);
      if (!tryRename(file, `${file}.away`)) return; // Windows does not let open files be moved
      const replacing = () => backend.apply([replacePage(fastify, '/b', [chunk('two')])]);
      const error = await rejects(replacing, 'STORAGE_FILE_REPLACED');
      assert.equal(error.outcome, 'not-applied');
      renameSync(`${file}.away`, file);
      assert.deepEqual(await backend.catalog.chunksByUrl(fastify, '/b'), []);
      await replacing();
      assert.equal((await backend.catalog.chunksByUrl(fastify, '/b')).length, 1);
    },
  ],
]);

function tryRename(from: string, to: string): boolean {
  try {
    renameSync(from, to);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EBUSY' || code === 'EPERM' || code === 'EACCES') return false;
    throw error;
  }
}

/** Counts the descriptors of this process that refer to a file; 0 where the system does not list them. */
function descriptorsOf(file: string): number {
  const { dev, ino } = statSync(file, { bigint: true });
  const folder = ['/proc/self/fd', '/dev/fd'].find((path) => existsSync(path));
  if (folder === undefined) return 0;
  return readdirSync(folder).filter((descriptor) => {
    try {
      const found = fstatSync(Number(descriptor), { bigint: true });
      return found.dev === dev && found.ino === ino;
    } catch {
      return false; // the descriptor of the listing itself
    }
  }).length;
}
