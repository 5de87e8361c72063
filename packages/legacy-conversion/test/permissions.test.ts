import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { convertLegacyStore, planConversion } from '@switchyard/legacy-conversion';
import { describe, expect, it } from 'vitest';
import { haveFixtures, withoutFixtures } from '../../backend-libsql/test/support/fixtures.js';
import { unpackStore } from './support/legacy.js';

const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8);
const refused = { code: 'STORAGE_CONSTRAINT', outcome: 'not-applied' };

describe.skipIf(!haveFixtures || process.platform === 'win32')(
  `permissions of what a conversion makes${withoutFixtures}`,
  () => {
    it.each([0o600, 0o640, 0o644])('equal those of the source, mode %o', async (mode) => {
      const source = unpackStore('level-14-untidy');
      chmodSync(source, mode);
      const path = join(dirname(source), 'new.db');
      const seen = new Set<string>();
      const { report } = await convertLegacyStore({
        source,
        target: { type: 'file', path },
        onProgress: () => seen.add(modeOf(`${path}.switchyard-convert`)),
      });
      expect([...seen]).toEqual(['700']);
      expect(modeOf(path)).toBe(mode.toString(8));
      expect(report).not.toBeNull();
      expect(modeOf(report ?? '')).toBe(mode.toString(8));
    });

    it('equal those of the source for an in-place conversion and its backup', async () => {
      const source = unpackStore('level-14-no-embeddings');
      chmodSync(source, 0o600);
      const { legacy } = await convertLegacyStore({ source, target: { type: 'in-place' } });
      expect([source, legacy].map(modeOf)).toEqual(['600', '600']);
    });

    it('a report is not written through a link, even a dangling one', async () => {
      for (const exists of [false, true]) {
        const source = unpackStore('level-14-untidy');
        const path = join(dirname(source), 'new.db');
        const elsewhere = join(dirname(source), 'elsewhere');
        if (exists) writeFileSync(elsewhere, '');
        symlinkSync(elsewhere, `${path}.conversion-report.jsonl`);
        await expect(convertLegacyStore({ source, target: { type: 'file', path } })).rejects.toMatchObject(
          refused,
        );
        expect(existsSync(path)).toBe(false);
        expect(existsSync(elsewhere) ? readFileSync(elsewhere, 'utf8') : null).toBe(exists ? '' : null);
        const report = `${path}.conversion-report.jsonl`;
        await expect(
          planConversion({ source, target: { type: 'file', path }, report }),
        ).rejects.toMatchObject(refused);
        expect(lstatSync(report).isSymbolicLink()).toBe(true);
      }
    });

    it('a working folder that is a link, or contains other files, is refused and kept', async () => {
      const source = unpackStore('level-14-no-embeddings');
      const path = join(dirname(source), 'new.db');
      const folder = `${path}.switchyard-convert`;
      const other = join(dirname(source), 'other');
      mkdirSync(other);
      symlinkSync(other, folder);
      const options = { source, target: { type: 'file', path } } as const;
      await expect(convertLegacyStore(options)).rejects.toMatchObject(refused);
      const second = { source, target: { type: 'file', path: join(dirname(source), 'second.db') } } as const;
      const foreign = `${second.target.path}.switchyard-convert`;
      mkdirSync(foreign);
      writeFileSync(join(foreign, 'diary.txt'), 'mine');
      for (const call of [convertLegacyStore, planConversion])
        await expect(call(second)).rejects.toMatchObject(refused);
      expect(readFileSync(join(foreign, 'diary.txt'), 'utf8')).toBe('mine');
    });

    it.skipIf(process.getuid?.() !== 0)(
      'a working folder of another user is refused; the owner is kept',
      async () => {
        const source = unpackStore('level-14-no-embeddings');
        const path = join(dirname(source), 'new.db');
        const options = { source, target: { type: 'file', path } } as const;
        mkdirSync(`${path}.switchyard-convert`);
        chownSync(`${path}.switchyard-convert`, 65534, 65534);
        await expect(convertLegacyStore(options)).rejects.toMatchObject(refused);
        chownSync(`${path}.switchyard-convert`, 0, 0);
        chownSync(source, 65534, 65534);
        await convertLegacyStore(options);
        expect(statSync(path).uid).toBe(65534);
      },
    );
  },
);
