import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { chunk, fastify, openStore, page } from './support/store.js';
import { tempFolder } from './support/temp.js';

const mounted: string[] = [];

/** Creates a file system of this size in megabytes; null if this user may not create one. */
function smallDisk(megabytes: number): string | null {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return null;
  const folder = join(tempFolder(), 'disk');
  mkdirSync(folder);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', folder], { stdio: 'ignore' });
  } catch {
    return null;
  }
  mounted.push(folder);
  return folder;
}

function unmountAll(): void {
  for (const folder of mounted.splice(0)) execFileSync('umount', ['-l', folder]);
}

afterAll(unmountAll);

const disk = smallDisk(4);

describe.skipIf(disk === null)(
  `a full disk${disk === null ? ' (skipped: needs to mount a tmpfs)' : ''}`,
  () => {
    it('rejects the whole write, and continues when there is space again', async () => {
      const folder = disk ?? '';
      const store = await openStore(join(folder, 'store.db'));
      await store.vectors.reconcile({ model: 'a:b', dimension: 64 }, 'refuse');
      await store.apply([page('/kept', [chunk('zebra', { vector: new Float32Array(64).fill(1) })])]);

      const { bavail, bsize } = statfsSync(folder);
      const filler = join(folder, 'filler');
      writeFileSync(filler, Buffer.alloc(Math.max(0, bavail * bsize - 65_536)));
      const large = page(
        '/kept',
        Array.from({ length: 500 }, (_, i) => chunk(`okapi ${'text '.repeat(400)} ${i}`)),
      );
      await expect(store.apply([large])).rejects.toMatchObject({
        code: 'STORAGE_DISK_FULL',
        outcome: 'not-applied',
        backend: 'libsql',
      });
      expect((await store.catalog.chunksByUrl(fastify, '/kept')).map(({ content }) => content)).toEqual([
        'zebra',
      ]);
      expect(await store.fts.match({ version: fastify, terms: ['okapi'], limit: 5 })).toEqual([]);

      rmSync(filler);
      await store.apply([page('/more', [chunk('okapi')])]);
      expect(await store.fts.match({ version: fastify, terms: ['okapi'], limit: 5 })).toHaveLength(1);
      expect((await store.fts.audit()).problems).toEqual([]);
      expect((await store.vectors.audit()).problems).toEqual([]);
      await store.close();
      unmountAll();
    });

    it('keeps every written page when the WAL cannot be checkpointed', async () => {
      const folder = smallDisk(16) ?? '';
      const filler = join(folder, 'filler');
      writeFileSync(filler, Buffer.alloc(3 * 2 ** 20));
      const store = await openStore(join(folder, 'store.db'));
      await store.vectors.reconcile({ model: 'a:b', dimension: 768 }, 'refuse');
      const write = (number: number) =>
        store.apply([
          page(
            `/${number}`,
            Array.from({ length: 7 }, () =>
              chunk('zebra', { vector: new Float32Array(768).fill(number + 1) }),
            ),
          ),
        ]);
      let written = 0;
      let failure: unknown;
      // The log reaches the length at which it is written back in the background, for which there is no room.
      while (failure === undefined && written < 2000) {
        await setTimeout(1);
        failure = await write(written).then(
          () => void written++,
          (error: unknown) => error,
        );
      }
      expect(failure).toMatchObject({ code: 'STORAGE_DISK_FULL', outcome: 'not-applied' });
      expect(await store.catalog.pages(fastify)).toHaveLength(written);

      rmSync(filler);
      await write(written);
      expect(await store.catalog.pages(fastify)).toHaveLength(written + 1);
      expect((await store.vectors.audit()).problems).toEqual([]);
      await store.close();
      unmountAll();
    });
  },
);
