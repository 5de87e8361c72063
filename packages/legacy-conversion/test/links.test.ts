import { lstatSync, mkdirSync, readlinkSync, realpathSync, symlinkSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { convertLegacyStore, LegacySource } from '@switchyard/legacy-conversion';
import Database from 'libsql';
import { describe, expect, it } from 'vitest';
import { haveFixtures, withoutFixtures } from '../../backend-libsql/test/support/fixtures.js';
import { openStore } from '../../backend-libsql/test/support/store.js';
import { tempFolder } from '../../backend-libsql/test/support/temp.js';
import { namesBeside, unpackStore } from './support/legacy.js';

/** A legacy store and a relative link to it in another folder. */
function linked(): { readonly file: string; readonly link: string } {
  const file = unpackStore('level-14-no-embeddings');
  const link = join(tempFolder(), 'link.db');
  symlinkSync(relative(dirname(link), file), link);
  return { file, link };
}

describe.skipIf(!haveFixtures || process.platform === 'win32')(
  `a store behind a link${withoutFixtures}`,
  () => {
    it.each(['beside the store', 'in another folder'])(
      'is converted in place, its backup %s',
      async (where) => {
        const { file, link } = linked();
        const leadsTo = readlinkSync(link);
        const elsewhere = join(tempFolder(), 'backups');
        mkdirSync(elsewhere);
        const backup = where === 'in another folder' ? join(elsewhere, 'old.db') : undefined;
        const { legacy, target } = await convertLegacyStore({
          source: link,
          target: { type: 'in-place', backup },
        });

        expect(readlinkSync(link)).toBe(leadsTo);
        expect(namesBeside(link)).toEqual(['link.db']);
        expect(target).toBe(realpathSync(file));
        expect(legacy).toBe(backup ?? `${realpathSync(file)}.legacy-backup`);
        expect(lstatSync(legacy).isSymbolicLink()).toBe(false);
        const source = new LegacySource({ path: legacy });
        await source.open();
        expect((await source.inspect()).counts.chunks).toBe(72);
        await source.close();
        for (const path of [link, file]) {
          expect((await (await openStore(path, { mustExist: true })).inspect()).counts.chunks).toBe(72);
        }
        const again = await convertLegacyStore({ source: link, target: { type: 'in-place', backup } });
        expect(again).toMatchObject({ alreadyConverted: true, legacy });
      },
    );

    it('is read with its log, which lies beside the store', async () => {
      const { file, link } = linked();
      const writer = new Database(file);
      writer.exec(`PRAGMA wal_autocheckpoint = 0; UPDATE versions SET error_message = 'in the log'`);
      const target = join(dirname(link), 'new.db');
      await convertLegacyStore({ source: link, target: { type: 'file', path: target } });
      writer.close();
      const versions = await (await openStore(target)).catalog.versionsByStatus(['completed']);
      expect(versions.map(({ errorMessage }) => errorMessage)).toContain('in the log');
      expect(basename(target)).toBe('new.db');
    });
  },
);
