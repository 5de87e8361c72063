import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import process from 'node:process';
import { type ConversionOptions, convertLegacyStore, planConversion } from '@switchyard/legacy-conversion';
import { describe, expect, it } from 'vitest';
import { haveFixtures, withoutFixtures } from '../../backend-libsql/test/support/fixtures.js';
import { tempFile, tempFolder } from '../../backend-libsql/test/support/temp.js';
import { bytesOf, namesBeside, unpackStore } from './support/legacy.js';

/** A folder on another file system than the temporary files; null without one. */
const otherDisk =
  existsSync('/dev/shm') && statSync('/dev/shm').dev !== statSync(tmpdir()).dev ? '/dev/shm' : null;

/** Expects converting and planning to be refused, and the legacy store to be unchanged, under its only name. */
async function expectRefused(
  options: Pick<ConversionOptions, 'source' | 'target' | 'report'>,
  code: string,
  message: RegExp,
): Promise<void> {
  const before = { bytes: bytesOf(options.source), names: namesBeside(options.source) };
  for (const call of [convertLegacyStore, planConversion]) {
    const error: unknown = await call(options).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code, message: expect.stringMatching(message) });
    expect({ bytes: bytesOf(options.source), names: namesBeside(options.source) }).toEqual(before);
  }
}

describe.skipIf(!haveFixtures)(`the files that a conversion makes${withoutFixtures}`, () => {
  it('the backup cannot be the store itself, under any name of its folder', async () => {
    const source = unpackStore('level-11-undici');
    const folder = join(tempFolder(), 'link');
    symlinkSync(dirname(source), folder, 'junction');
    for (const backup of [source, join(folder, basename(source))]) {
      const target = { type: 'in-place', backup } as const;
      await expectRefused({ source, target }, 'STORAGE_CONSTRAINT', /name of the store itself/);
    }
  });

  it.each([
    ['-wal', 'STORAGE_CONSTRAINT', /part of/],
    ['.switchyard-convert/backup.db', 'STORAGE_NOT_FOUND', /does not exist/],
    ['.missing/backup.db', 'STORAGE_NOT_FOUND', /does not exist/],
  ])('the backup cannot be SOURCE%s', async (ending, code, message) => {
    const source = unpackStore('level-11-undici');
    await expectRefused(
      { source, target: { type: 'in-place', backup: `${source}${ending}` } },
      code,
      message,
    );
  });

  it('the backup cannot be in the folder that is removed', async () => {
    const source = unpackStore('level-11-undici');
    mkdirSync(`${source}.switchyard-convert`);
    const backup = join(`${source}.switchyard-convert`, 'backup.db');
    await expectRefused(
      { source, target: { type: 'in-place', backup } },
      'STORAGE_CONSTRAINT',
      /removed at the end/,
    );
  });

  it('the backup cannot replace a file, but may be a second name of the store', async () => {
    const source = unpackStore('level-11-undici');
    const backup = `${source}.backup`;
    writeFileSync(backup, 'precious');
    await expectRefused(
      { source, target: { type: 'in-place', backup } },
      'STORAGE_CONSTRAINT',
      /already exists/,
    );
    expect(readFileSync(backup, 'utf8')).toBe('precious');

    const second = `${source}.second`;
    linkSync(source, second);
    const done = await convertLegacyStore({ source, target: { type: 'in-place', backup: second } });
    expect(done).toMatchObject({ legacy: second, verification: { equal: true } });
    expect(existsSync(second)).toBe(true);

    // As after a kill when everything was done.
    const again = await convertLegacyStore({ source, target: { type: 'in-place', backup: second } });
    expect(again).toMatchObject({ alreadyConverted: true, legacy: second });
    const elsewhere = { source, target: { type: 'in-place', backup } } as const;
    await expect(convertLegacyStore(elsewhere)).rejects.toMatchObject({ code: 'STORAGE_CONSTRAINT' });
  });

  it.skipIf(otherDisk === null)('the backup must be on the disk of the store', async () => {
    const source = unpackStore('level-14-no-embeddings');
    const backup = join(otherDisk as string, `switchyard-${process.pid}.backup`);
    await expectRefused(
      { source, target: { type: 'in-place', backup } },
      'STORAGE_CONSTRAINT',
      /on another disk/,
    );
    expect(existsSync(backup)).toBe(false);
  });

  it('the report only replaces a report', async () => {
    const source = unpackStore('level-14-untidy');
    const target = { type: 'file', path: tempFile('new.db') } as const;
    const precious = tempFile('notes.txt');
    writeFileSync(precious, 'precious');
    for (const report of [source, `${source}-wal`, precious, target.path, dirname(precious)]) {
      await expectRefused({ source, target, report }, 'STORAGE_CONSTRAINT', /report/);
    }
    expect(readFileSync(precious, 'utf8')).toBe('precious');
    const missing = join(dirname(precious), 'missing', 'report.jsonl');
    await expectRefused({ source, target, report: missing }, 'STORAGE_NOT_FOUND', /does not exist/);

    const report = tempFile('report.jsonl');
    const plan = await planConversion({ source, target, report });
    expect(plan.report).toBe(report);
    expect(await convertLegacyStore({ source, target, report })).toMatchObject({ report });
    expect(readFileSync(report, 'utf8').split('\n').length - 1).toBe(51);
  });

  it('a plan reports that the target exists', async () => {
    const source = unpackStore('level-14-no-embeddings');
    const path = tempFile('there.db');
    writeFileSync(path, 'precious');
    await expect(planConversion({ source, target: { type: 'file', path } })).rejects.toMatchObject({
      code: 'STORAGE_CONSTRAINT',
      message: expect.stringMatching(/already exists/),
    });
  });

  // For root, every folder can be written.
  it.skipIf(process.getuid?.() === 0 || process.platform === 'win32')(
    'says where it may not write',
    async () => {
      const source = unpackStore('level-14-no-embeddings');
      const folder = tempFolder();
      chmodSync(folder, 0o500);
      for (const options of [
        { source, target: { type: 'file', path: join(folder, 'new.db') } },
        { source, target: { type: 'in-place', backup: join(folder, 'old.db') } },
        { source, target: { type: 'file', path: tempFile() }, report: join(folder, 'report.jsonl') },
      ] as const) {
        await expectRefused(options, 'STORAGE_PERMISSION_DENIED', /cannot write to the folder/);
      }
      chmodSync(folder, 0o700);
    },
  );
});
