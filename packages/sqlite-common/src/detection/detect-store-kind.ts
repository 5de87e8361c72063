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
  /** `unknown` when only SQLite can tell. */
  readonly kind: StoreKind | 'absent' | 'unknown';
  /** The recorded schema level; null where none was read. */
  readonly level: number | null;
  /** True when SQLite would roll a transaction back before it reads the file. */
  readonly hotJournal: boolean;
}

const detector = new Detector();

/**
 * Tells what lies at the path of a store before anything opens it, and changes nothing.
 *
 * The file is never opened in this process, which may have it open through SQLite: see {@link Detector}. What the file
 * system says by `stat`, and what is known of a file that a backend of this process has open, is answered at once.
 *
 * A file whose tables cannot be read before SQLite has rolled a transaction back, and one that is being written at this
 * moment, are `unknown`: ask them by SQL.
 *
 * @throws StorageError `STORAGE_NOT_FOUND` for a missing or empty file that must exist and for a missing folder;
 * `STORAGE_SCHEMA_UNSUPPORTED` for what is no database file; `STORAGE_PERMISSION_DENIED`;
 * `STORAGE_TOO_MANY_FILES` when no process can be started.
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
        advice: 'Give the path of a file in it.',
      });
    case 'not-a-database':
      return fail('STORAGE_SCHEMA_UNSUPPORTED', `${file} is not a database.`, {
        advice: 'Give the path of a store, or of a file that does not exist yet.',
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
    fail('STORAGE_NOT_FOUND', `${file} is empty: there is no store in it yet.`);
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
    return await detector.ask(realPath(file)); // beside it lie its log and its journal
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === 'EACCES' || code === 'EPERM')
      return fail('STORAGE_PERMISSION_DENIED', `${file} cannot be read by this user.`, { cause });
    throw (
      tooManyFiles(cause, file)?.with({ backend }) ??
      new StorageError(
        'STORAGE_INTERNAL',
        `${file} could not be looked at: ${message}. Switchyard reads a file in a child process (${process.execPath}) before it opens it.`,
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
      return fail('STORAGE_NOT_FOUND', `A folder on the way to ${path} is a file.`, { cause });
    return fail('STORAGE_PERMISSION_DENIED', `${path} cannot be looked at.`, { cause });
  }
}

/** Folders are not made: a misspelt path should not leave a trail of them. */
function checkFolder(path: string, fail: Fail): void {
  const folder = dirname(path);
  const stats = statOrNull(folder, fail);
  if (stats === null)
    fail('STORAGE_NOT_FOUND', `There is no folder ${folder} to make the store in.`, {
      advice: 'Create the folder first, or correct the path.',
    });
  else if (!stats.isDirectory()) fail('STORAGE_NOT_FOUND', `${folder} is a file, not a folder.`);
}
