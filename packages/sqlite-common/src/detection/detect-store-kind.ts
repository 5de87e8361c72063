import { accessSync, constants, type Stats, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { StorageError, type StorageErrorCode } from '@switchyard/storage-core';
import { tooManyFiles } from '../errors/too-many-files.js';
import { kindOfOpenFile } from '../store-file/open-files.js';
import { realPath } from '../store-file/real-path.js';
import type { StoreKind } from '../store-file/store-kind.js';
import { storesUtf16 } from '../store-file/text-encoding.js';
import { Detector } from './detector.js';
import type { FileFacts } from './messages.js';

/** Input of {@link detectStoreKind}. */
export interface DetectOptions {
  /** Name of the backend, for errors. */
  readonly backend: string;
  /** If true, a missing or empty file is an error. */
  readonly mustExist: boolean;
}

/** Result of {@link detectStoreKind}. */
export interface DetectedStore {
  /** `unknown` if only SQLite can tell. */
  readonly kind: StoreKind | 'absent' | 'unknown';
  /** The recorded schema level; null where none was read. */
  readonly level: number | null;
  /** True if SQLite would roll back a transaction before it reads the file. */
  readonly hotJournal: boolean;
}

const detector = new Detector();

/**
 * Determines the kind of store at a path, before anything opens it and without changing anything.
 *
 * The file is never opened in this process, which may already have it open through SQLite. Answers
 * from `stat`, and files that a backend of this process has open, need no detection process.
 *
 * A file with a transaction to roll back, or one that is being written at this moment, is `unknown`: open it and query
 * it by SQL.
 *
 * @throws StorageError `STORAGE_NOT_FOUND` for a missing or empty file that must exist and for a missing folder;
 * `STORAGE_SCHEMA_UNSUPPORTED` if the path is not a database file; `STORAGE_PERMISSION_DENIED`;
 * `STORAGE_TOO_MANY_FILES` if no process can be started.
 */
export async function detectStoreKind(path: string, options: DetectOptions): Promise<DetectedStore> {
  const fail: Fail = (code, message, { cause, advice } = {}) => {
    throw new StorageError(code, message, { backend: options.backend, cause, advice });
  };
  const file = resolve(path);
  const facts = await factsOf(file, options.backend, fail);
  switch (facts.type) {
    case 'absent':
      if (options.mustExist)
        fail('STORAGE_NOT_FOUND', `There is no store at ${file}.`, {
          advice: 'Check the path.',
        });
      checkFolder(file, fail);
      return { kind: 'absent', level: null, hotJournal: false };
    case 'folder':
      return fail('STORAGE_SCHEMA_UNSUPPORTED', `${file} is a folder.`, {
        advice: 'Pass the path of a file in it.',
      });
    case 'not-a-database':
      return fail('STORAGE_SCHEMA_UNSUPPORTED', `${file} is not a database.`, {
        advice: 'Pass the path of a store, or of a file that does not exist yet.',
      });
    case 'empty':
      return requireContent(
        { kind: 'empty', level: null, utf16: null, hotJournal: false },
        file,
        options,
        fail,
      );
    case 'database':
      return requireContent(facts, file, options, fail);
  }
}

type Fail = (
  code: StorageErrorCode,
  message: string,
  more?: { readonly cause?: unknown; readonly advice?: string },
) => never;

function requireContent(
  found: DetectedStore & { readonly utf16: boolean | null },
  file: string,
  options: DetectOptions,
  fail: Fail,
): DetectedStore {
  if (found.kind === 'empty' && options.mustExist)
    fail('STORAGE_NOT_FOUND', `${file} is empty: it does not contain a store yet.`);
  const { kind, level, hotJournal, utf16 } = found;
  if (utf16 === true && kind !== 'foreign') throw storesUtf16(file, options.backend);
  return { kind, level, hotJournal };
}

async function factsOf(file: string, backend: string, fail: Fail): Promise<FileFacts> {
  const stats = statOrNull(file, fail);
  if (stats === null) return { type: 'absent' };
  if (stats.isDirectory()) return { type: 'folder' };
  try {
    accessSync(file, constants.R_OK);
  } catch (cause) {
    fail('STORAGE_PERMISSION_DENIED', `${file} cannot be read by this user.`, { cause });
  }
  if (!stats.isFile()) return { type: 'not-a-database' };
  if (stats.size === 0) return { type: 'empty' };
  const kind = kindOfOpenFile(file);
  if (kind !== null) return { type: 'database', kind, level: null, utf16: false, hotJournal: false };
  try {
    return await detector.ask(realPath(file)); // its WAL and journal are next to the real file
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === 'EACCES' || code === 'EPERM')
      return fail('STORAGE_PERMISSION_DENIED', `${file} cannot be read by this user.`, { cause });
    throw (
      tooManyFiles(cause, file)?.with({ backend }) ??
      new StorageError(
        'STORAGE_INTERNAL',
        `${file} could not be inspected: ${message}. Before it opens a file, Switchyard reads it in a child process (${process.execPath}).`,
        { backend, cause },
      )
    );
  }
}

function statOrNull(path: string, fail: Fail): Stats | null {
  try {
    return statSync(path);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT') return null;
    if (code === 'ENOTDIR')
      return fail('STORAGE_NOT_FOUND', `A parent folder of ${path} is a file.`, { cause });
    return fail('STORAGE_PERMISSION_DENIED', `${path} cannot be accessed.`, { cause });
  }
}

/** Folders are not created: a misspelled path should not leave a trail of them. */
function checkFolder(path: string, fail: Fail): void {
  const folder = dirname(path);
  const stats = statOrNull(folder, fail);
  if (stats === null)
    fail('STORAGE_NOT_FOUND', `The folder ${folder} does not exist.`, {
      advice: 'Create the folder first, or correct the path.',
    });
  else if (!stats.isDirectory()) fail('STORAGE_NOT_FOUND', `${folder} is a file, not a folder.`);
}
