import assert from 'node:assert/strict';
import { existsSync, fstatSync, readdirSync, renameSync, statSync } from 'node:fs';
import { contractGroup } from '../suite/contract-test.js';
import { rejects } from '../support/assertions.js';
import { chunk, fastify, replacePage, vector, write } from '../support/build.js';

/** What SQLite keeps beside a database while it is open. */
const COMPANIONS = ['-wal', '-shm', '-journal'];

/** Stores in a local file, for which `create()` gives the hook `file`. Of any other store there is nothing to check. */
export const fileTests = contractGroup('files', [
  [
    'close-releases',
    'close() releases the local file of a store at once: no descriptor leads to it and nothing is left beside it',
    async (t) => {
      const { backend, file, again } = await t.openStore();
      if (file === undefined) return;
      await write(backend, fastify, '/a', [chunk('one', { vector: vector(1, 0, 0, 0) })]);
      await backend.vectors.nearest({ version: fastify, vector: new Float32Array([1, 0, 0, 0]), limit: 1 });
      await backend.fts.match({ version: fastify, terms: ['one'], limit: 1 });
      await rejects(
        () => backend.apply([replacePage(fastify, '/b', [chunk('x', { vector: new Float32Array(1) })])]),
        'STORAGE_DIMENSION_MISMATCH',
      );
      await backend.close();
      assert.equal(descriptorsOf(file), 0, 'descriptors are open after close()');
      for (const end of COMPANIONS) assert.equal(existsSync(`${file}${end}`), false, `${end} is left`);
      const next = await again();
      assert.equal((await next.catalog.chunksByUrl(fastify, '/a')).length, 1);
    },
  ],
  [
    'replaced',
    'a write is refused with STORAGE_FILE_REPLACED, and undone, when the local file is not at its path any more',
    async (t) => {
      const { backend, file } = await t.openStore();
      if (file === undefined) return;
      await write(backend, fastify, '/a', [chunk('one')]);
      if (!tryRename(file, `${file}.away`)) return; // Windows does not let an open file be moved
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

/** How many descriptors of this process lead to a file; 0 where the system does not list them. */
function descriptorsOf(file: string): number {
  const { dev, ino } = statSync(file, { bigint: true });
  const folder = ['/proc/self/fd', '/dev/fd'].find((path) => existsSync(path));
  if (folder === undefined) return 0;
  return readdirSync(folder).filter((descriptor) => {
    try {
      const found = fstatSync(Number(descriptor), { bigint: true });
      return found.dev === dev && found.ino === ino;
    } catch {
      return false; // that of the listing
    }
  }).length;
}
