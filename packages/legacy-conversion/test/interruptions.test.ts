import { execFileSync, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { convertLegacyStore, LegacySource } from '@switchyard/legacy-conversion';
import { detectStoreKind } from '@switchyard/sqlite-common';
import { verifyStores } from '@switchyard/storage-core';
import fc from 'fast-check';
import Database from 'libsql';
import { afterEach, describe, expect, it } from 'vitest';
import { finished, startChild } from '../../backend-libsql/test/support/child.js';
import { haveFixtures, withoutFixtures } from '../../backend-libsql/test/support/fixtures.js';
import { openStore } from '../../backend-libsql/test/support/store.js';
import { tempFile, tempFolder } from '../../backend-libsql/test/support/temp.js';
import { bytesOf, openConverted, unpackStore } from './support/legacy.js';

/** Number of conversions of each kind to kill. More take longer and find more. */
const KILLS = Number(process.env.SWITCHYARD_KILLS ?? 4);

/** A small store with vectors; `fixtures.test.ts` converts all of them. */
const SMALL = 'level-13-undici';

/** Steps of a conversion, as `convert.mjs` prints them. */
const steps = [
  'chunks',
  'indexed-vectors',
  'remaining-vectors',
  'codes',
  'faults',
  'words',
  'finish',
  'built',
  'verify',
  'publish',
];

/** The step at whose first report a conversion is killed, and whether it waits there or goes on until then. */
const kills = fc.sample(fc.record({ step: fc.constantFrom(...steps), waits: fc.boolean() }), KILLS);

async function killConversion(
  source: string,
  target: string,
  { step, waits }: (typeof kills)[0],
): Promise<void> {
  const child = startChild(join(import.meta.dirname, 'support/convert.mjs'), [
    source,
    target,
    waits ? step : 'never',
  ]);
  const ended = finished(child);
  for await (const line of createInterface({ input: child.stdout as Readable })) if (line === step) break;
  child.kill('SIGKILL');
  await ended;
}

async function expectConverted(legacy: string, path: string): Promise<void> {
  const source = new LegacySource({ path: legacy });
  await source.open();
  const store = await openConverted(path);
  expect(await verifyStores(source, store, { deep: true, searches: 5 })).toMatchObject({ equal: true });
  await store.close();
  await source.close();
}

describe.skipIf(!haveFixtures)(`a conversion that is stopped${withoutFixtures}`, () => {
  it(`by kill -9, ${KILLS} times in place: leaves the old store or the new one, and can be finished`, {
    timeout: 60_000 + KILLS * 30_000,
  }, async () => {
    const original = unpackStore('level-14-untidy');
    const seen = new Set<string>();
    for (const kill of kills) {
      const file = unpackStore('level-14-untidy');
      await killConversion(file, 'in-place', kill);

      // Whole, and one of the two.
      const isNew = await isConverted(file);
      seen.add(isNew ? 'new' : 'old');
      if (isNew) await expectConverted(original, file);
      else await expectSameLegacy(original, asAnApplicationFindsIt(file));
      const result = await convertLegacyStore({ source: file, target: { type: 'in-place' } });
      await expectConverted(original, file);
      await expectSameLegacy(original, result.legacy);
      expect(existsSync(`${file}.switchyard-convert`)).toBe(false);
    }
    expect(seen.size).toBeGreaterThan(0);
  });

  it('while the old store becomes one file is rolled back, and finished', async () => {
    const original = unpackStore(SMALL);
    const file = unpackStore(SMALL);
    leaveHalfWritten(file);
    const left = bytesOf(file);
    const convert = () => convertLegacyStore({ source: file, target: { type: 'in-place' } });
    // Nothing says that a conversion left it so.
    await expect(convert()).rejects.toMatchObject({ code: 'STORAGE_SCHEMA_UNSUPPORTED' });
    expect(bytesOf(file)).toEqual(left);
    mkdirSync(`${file}.switchyard-convert`);
    const { legacy } = await convert();
    await expectConverted(original, file);
    await expectSameLegacy(original, legacy);
  });

  it('before that step has begun in the file is finished: SQLite leaves its journal, of zeros, alone', async () => {
    const original = unpackStore(SMALL);
    const file = unpackStore(SMALL);
    writeFileSync(`${file}-journal`, Buffer.alloc(512));
    const { legacy } = await convertLegacyStore({ source: file, target: { type: 'in-place' } });
    await expectConverted(original, file);
    await expectSameLegacy(original, legacy);
    expect(existsSync(`${file}-journal`)).toBe(false);
  });

  it(`by kill -9, ${KILLS} times into a new file: leaves no file or the complete one, and resumes`, {
    timeout: 60_000 + KILLS * 30_000,
  }, async () => {
    const legacy = unpackStore(SMALL);
    const before = bytesOf(legacy);
    for (const kill of kills) {
      const target = tempFile('converted.db');
      await killConversion(legacy, target, kill);
      if (!existsSync(target) || existsSync(`${target}.switchyard-convert`)) {
        await convertLegacyStore({ source: legacy, target: { type: 'file', path: target } });
      }
      await expectConverted(legacy, target);
      expect(existsSync(`${target}.switchyard-convert`)).toBe(false);
      expect(bytesOf(legacy)).toEqual(before);
    }
  });

  it('by a signal resumes where it stopped', async () => {
    const legacy = unpackStore(SMALL);
    const before = bytesOf(legacy);
    const target = tempFile('converted.db');
    const stop = new AbortController();
    const phases: string[] = [];
    const options = { source: legacy, target: { type: 'file', path: target } as const };
    await expect(
      convertLegacyStore({
        ...options,
        signal: stop.signal,
        onProgress: (progress) => {
          if (progress.step === 'convert' && progress.phase === 'remaining-vectors') stop.abort();
        },
      }),
    ).rejects.toMatchObject({ code: 'STORAGE_ABORTED' });
    expect(existsSync(target)).toBe(false);
    expect(bytesOf(legacy)).toEqual(before);
    const result = await convertLegacyStore({
      ...options,
      onProgress: (progress) => phases.push(progress.step === 'convert' ? progress.phase : progress.step),
    });
    expect(result.resumed).toBe(true);
    expect(phases).not.toContain('chunks');
    await expectConverted(legacy, target);
  });

  it('starts over if its source was written since', async () => {
    const legacy = unpackStore('level-14-no-embeddings');
    const target = tempFile('converted.db');
    const options = { source: legacy, target: { type: 'file', path: target } as const };
    const stop = new AbortController();
    await expect(
      convertLegacyStore({ ...options, signal: stop.signal, onProgress: () => stop.abort() }),
    ).rejects.toMatchObject({ code: 'STORAGE_ABORTED' });
    write(legacy, 'later');
    expect((await convertLegacyStore(options)).resumed).toBe(false);
    await expectConverted(legacy, target);
  });
});

describe.skipIf(!haveFixtures)(`a store that is in use${withoutFixtures}`, () => {
  it('and written during the conversion is converted from a snapshot', async () => {
    const legacy = unpackStore('level-14-no-embeddings');
    const target = tempFile('converted.db');
    let writes = 0;
    const steps = new Set<string>();
    await convertLegacyStore({
      source: legacy,
      target: { type: 'file', path: target },
      onProgress: ({ step }) => {
        steps.add(step);
        if (step === 'convert') write(legacy, `error ${++writes}`);
      },
    });
    expect(steps).toContain('snapshot');
    const store = await openStore(target);
    const version = await store.catalog.version({ library: 'pino', version: '10.4.0' });
    expect(version?.errorMessage).toMatch(/^error \d+$/);
    expect((await store.inspect()).counts).toMatchObject({ chunks: 72, pages: 14 });
  });

  it('by another process is only replaced in place when that process has ended', async () => {
    const file = unpackStore('level-14-no-embeddings');
    const before = bytesOf(file);
    const reader = startChild('hold.mjs', [file]);
    await once(reader.stdout ?? reader, 'data');
    await expect(convertLegacyStore({ source: file, target: { type: 'in-place' } })).rejects.toMatchObject({
      code: 'STORAGE_BUSY',
      message: expect.stringMatching(/open.*Stop it/s),
    });
    expect(await isConverted(file)).toBe(false);
    expect(bytesOf(file)).toMatchObject(before);
    const ended = finished(reader);
    reader.kill('SIGKILL');
    await ended;
    const result = await convertLegacyStore({ source: file, target: { type: 'in-place' } });
    expect(result.resumed).toBe(true);
    expect(await isConverted(file)).toBe(true);
  });
});

const mounted: string[] = [];
afterEach(unmountAll);

function unmountAll(): void {
  for (const folder of mounted.splice(0)) execFileSync('umount', ['-l', folder]);
}

/** A small file system; null if this user may not create one. */
function smallDisk(mebibytes: number): string | null {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return null;
  const folder = join(tempFolder(), 'disk');
  mkdirSync(folder);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${mebibytes}m`, 'tmpfs', folder], { stdio: 'ignore' });
  } catch {
    return null;
  }
  mounted.push(folder);
  return folder;
}

const canMount = (() => {
  const folder = smallDisk(1);
  unmountAll();
  return folder !== null;
})();

describe.skipIf(!haveFixtures || !canMount)(
  `a full disk${canMount ? '' : ' (skipped: needs to mount a tmpfs)'}`,
  () => {
    it('is detected before anything is created', async () => {
      const folder = smallDisk(2) ?? '';
      const legacy = unpackStore('level-14-three-libraries');
      const before = bytesOf(legacy);
      await expect(
        convertLegacyStore({ source: legacy, target: { type: 'file', path: join(folder, 'new.db') } }),
      ).rejects.toMatchObject({ code: 'STORAGE_DISK_FULL', outcome: 'not-applied' });
      expect(bytesOf(legacy)).toEqual(before);
      expect(existsSync(join(folder, 'new.db.switchyard-convert'))).toBe(false);
    });

    it('in the middle does not change the legacy store and takes no space', async () => {
      const folder = smallDisk(8) ?? '';
      const legacy = unpackStore('level-14-three-libraries');
      const before = bytesOf(legacy);
      const filler = join(folder, 'filler');
      const target = join(folder, 'new.db');
      await expect(
        convertLegacyStore({
          source: legacy,
          target: { type: 'file', path: target },
          onProgress: (progress) => {
            // Another process fills the disk after it was checked.
            if (progress.step === 'convert' && progress.phase === 'chunks') fill(filler);
          },
        }),
      ).rejects.toMatchObject({ code: 'STORAGE_DISK_FULL' });
      expect(bytesOf(legacy)).toEqual(before);
      expect(existsSync(target)).toBe(false);
      expect(existsSync(`${target}.switchyard-convert`)).toBe(false);
      rmSync(filler, { force: true });
      await convertLegacyStore({ source: legacy, target: { type: 'file', path: target } });
      await expectConverted(legacy, target);
    });

    it('in the middle of an in-place conversion keeps the legacy store, which is converted once there is space', async () => {
      const folder = smallDisk(40) ?? '';
      const original = unpackStore('level-14-three-libraries');
      const file = join(folder, 'documents.db');
      copyFileSync(original, file);
      const before = bytesOf(file);
      const filler = join(folder, 'filler');
      const options = { source: file, target: { type: 'in-place' } } as const;
      await expect(
        convertLegacyStore({
          ...options,
          onProgress: (progress) => {
            if (progress.step === 'convert' && progress.phase === 'chunks') fill(filler, 40);
          },
        }),
      ).rejects.toMatchObject({ code: 'STORAGE_DISK_FULL' });
      expect(bytesOf(file)).toEqual(before);
      // Beside the empty log that any reader of such a store makes.
      const names = readdirSync(folder).filter((name) => !/-(wal|shm)$/.test(name));
      expect(names.sort()).toEqual(['documents.db', 'filler']);
      rmSync(filler, { force: true });
      const { legacy } = await convertLegacyStore(options);
      await expectConverted(original, file);
      await expectSameLegacy(original, legacy);
    });
  },
);

/** Takes all room but less than a mebibyte. */
function fill(file: string, mebibytes = 8): void {
  for (let size = mebibytes; size > 0; ) {
    try {
      writeFileSync(file, Buffer.alloc(size * 1024 * 1024));
      return;
    } catch {
      size -= 1;
    }
  }
}

/** Looks without opening: a connection of this process would write the log back when it goes. */
async function isConverted(file: string): Promise<boolean> {
  const { kind } = await detectStoreKind(file, { backend: 'test', mustExist: true });
  return kind === 'switchyard-libsql';
}

/**
 * The file, or a copy of one that a kill left with a journal, which was opened as an application opens it: that rolls the
 * step back. Not the file itself, for that is left to the conversion.
 */
function asAnApplicationFindsIt(file: string): string {
  if (!existsSync(`${file}-journal`)) return file;
  const copy = join(tempFolder(), 'documents.db');
  for (const ending of ['', '-wal', '-journal'])
    if (existsSync(file + ending)) copyFileSync(file + ending, copy + ending);
  runOn(copy, "database.prepare('SELECT count(*) FROM sqlite_master').get()");
  return copy;
}

/** Ends a process in the middle of a transaction of which a part is in the file already. */
function leaveHalfWritten(file: string): void {
  runOn(
    file,
    `database.exec('PRAGMA journal_mode = DELETE; PRAGMA cache_size = 1; BEGIN; DELETE FROM documents_fts_data; DELETE FROM documents');
     process.kill(process.pid, 'SIGKILL')`,
  );
  expect(statSync(`${file}-journal`).size).toBeGreaterThan(0);
}

/** Runs statements on a `database` in a process of its own. */
function runOn(file: string, script: string): void {
  spawnSync(process.execPath, [
    '-e',
    `const database = new (require('libsql'))(process.argv[1]); ${script}`,
    file,
  ]);
}

async function expectSameLegacy(a: string, b: string): Promise<void> {
  const [one, other] = [new LegacySource({ path: a }), new LegacySource({ path: b })];
  await one.open();
  await other.open();
  expect(await verifyStores(one, other, { deep: true, searches: 3, unchecked: true })).toMatchObject({
    equal: true,
  });
  await one.close();
  await other.close();
}

function write(file: string, message: string): void {
  const database = new Database(file, { timeout: 2000 });
  database.prepare('UPDATE versions SET error_message = ?').run([message]);
  database.close();
}
