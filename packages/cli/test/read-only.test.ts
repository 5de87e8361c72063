import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { libsqlBackend } from '@switchyard/backend-libsql';
import { sqliteVecBackend } from '@switchyard/backend-sqlite-vec'; // @legacy
import { parseConnectionString } from '@switchyard/storage-core';
import Database from 'libsql';
import { afterAll, describe, expect, it } from 'vitest';
import { temporaryFolder } from './support/temp.js';

const folder = temporaryFolder();
const program = join(import.meta.dirname, 'support', 'read-only.mjs');
const isRoot = process.getuid?.() === 0;
chmodSync(folder, 0o755);

/** Root may write everything, so the stores are used by the user nobody, who has to be able to read this repository. */
const canRun =
  process.getuid !== undefined &&
  (!isRoot ||
    spawnSync(process.execPath, ['--check', program], { uid: 65534, gid: 65534, cwd: '/' }).status === 0);

type Results = Readonly<Record<string, unknown>>;

/** What becomes of each call for a user without rights. Fails if one of them throws anything but a `StorageError`. */
function use(connection: string): Results {
  const { stdout, stderr } = spawnSync(process.execPath, [program, connection], {
    encoding: 'utf8',
    cwd: import.meta.dirname,
  });
  expect(stderr).toBe('');
  return JSON.parse(stdout) as Results;
}

const locked: string[] = [];
afterAll(() => {
  for (const path of locked) chmodSync(path, 0o755);
});

/** Leaves a folder without the right to create files in it. */
function lock(path: string): void {
  chmodSync(path, 0o555);
  locked.push(path);
}

const kinds = [
  { kind: 'libsql', prefix: '', definition: libsqlBackend },
  { kind: 'sqlite-vec', prefix: 'sqlite-vec:', definition: sqliteVecBackend }, // @legacy
];

describe.skipIf(!canRun)(
  `a store that this user may only read${canRun ? '' : ' (skipped: needs a user without rights who can read the repository)'}`,
  () => {
    for (const { kind, prefix, definition } of kinds) {
      /** A store with one chunk; or the files that its writer would leave when it is killed. */
      async function make(name: string, isKilled = false): Promise<string> {
        const file = join(folder, `${kind}-${name}`, 'store.db');
        mkdirSync(dirname(file));
        const source = isKilled ? join(folder, `${kind}-${name}-writer.db`) : file;
        const connection = parseConnectionString(`${prefix}${source}`, { backends: [definition] });
        const backend = definition.create(connection);
        await backend.open();
        const metadata = { types: ['text'], level: 1, path: [] };
        await backend.apply([
          {
            kind: 'replacePage',
            version: { library: 'lib', version: '1' },
            page: { url: '/a' },
            chunks: [{ content: 'zebra', metadata, vector: null }],
          },
        ]);
        if (isKilled)
          for (const suffix of ['', '-wal']) copyFileSync(`${source}${suffix}`, `${file}${suffix}`);
        await backend.close();
        chmodSync(file, 0o444);
        return file;
      }
      const readable = {
        open: 'done',
        libraries: 1,
        match: 1,
        inspect: 1,
        audit: [],
        check: [],
        close: 'done',
      };
      const denied = { code: 'STORAGE_PERMISSION_DENIED' };

      it(`${kind}: a file without the right to write is read, checked and closed`, async () => {
        const file = await make('file');
        chmodSync(dirname(file), 0o777);
        expect(use(`${prefix}${file}`)).toEqual({
          ...readable,
          apply: expect.objectContaining({ ...denied, outcome: 'not-applied' }),
        });
      });

      it.each([false, true])(
        `${kind}: a folder that takes no log is named (killed writer: %s)`,
        async (isKilled) => {
          const file = await make(`folder-${isKilled}`, isKilled);
          lock(dirname(file));
          expect(use(`${prefix}${file}`).open).toEqual({
            ...denied,
            message: expect.stringContaining(`may not create files in ${dirname(file)}`),
            advice: 'Let this user write to the folder, or copy the store to a folder where it may.',
          });
        },
      );

      it(`${kind}: a store without a log is read in a folder that takes no files`, async () => {
        const file = await make('no-log');
        const database = new Database(file);
        database.pragma('journal_mode = DELETE');
        database.close();
        lock(dirname(file));
        expect(use(`${prefix}${file}`)).toMatchObject({ ...readable, apply: denied });
      });

      it(`${kind}: a path in such a folder reads as empty, and the first write says why it fails`, () => {
        const file = join(folder, `${kind}-none`, 'store.db');
        mkdirSync(dirname(file));
        lock(dirname(file));
        expect(use(`${prefix}${file}`)).toEqual({
          ...readable,
          ...{ libraries: 0, match: 0, inspect: 0 },
          apply: {
            ...denied,
            outcome: 'not-applied',
            message: `${file} cannot be created: this user may not write to the folder ${dirname(file)}.`,
            advice: 'Let this user write to the folder, or choose another one.',
          },
        });
        expect(existsSync(file)).toBe(false);
      });
    }
  },
);
