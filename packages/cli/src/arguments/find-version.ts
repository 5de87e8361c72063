import { compareVersionsNewestFirst, type DocumentStore, StorageError } from '@switchyard/storage-core';
import type { Output } from '../output/output.js';
import { formatLibrary, type LibraryArgument } from './library-ref.js';

/**
 * Finds the version a person means: the one of that name; else the newest that begins with it (`5` means 5.6.0);
 * without a version the unversioned one, else the newest. A choice is told on stderr. A search of a version that does
 * not exist would find nothing, and a person has rather mistyped it.
 *
 * @throws StorageError `STORAGE_NOT_FOUND`, with what there is.
 */
export async function findVersion(
  documents: DocumentStore,
  { library, version }: LibraryArgument,
  output: Output,
): Promise<{ readonly library: string; readonly version: string }> {
  const names = (await documents.versions(library)).map(({ name }) => name).sort(compareVersionsNewestFirst);
  const exact = names.find((name) => name === (version ?? '').toLowerCase());
  if (exact !== undefined) return { library, version: exact };
  const begins = version === undefined ? '' : `${version.toLowerCase()}.`;
  const newest = version === '' ? undefined : names.find((name) => name.startsWith(begins));
  if (newest !== undefined) {
    output.note(`${formatLibrary(library, version ?? '')} is taken as ${formatLibrary(library, newest)}.`);
    return { library, version: newest };
  }
  throw await notFound(documents, library, version ?? '', names);
}

async function notFound(
  documents: DocumentStore,
  library: string,
  version: string,
  names: readonly string[],
): Promise<StorageError> {
  const notFoundError = (message: string) => new StorageError('STORAGE_NOT_FOUND', message);
  if (names.length > 0) {
    const missing = version === '' ? 'no unversioned documentation' : `no version '${version}'`;
    const known = names.map((name) => (name === '' ? 'the unversioned one' : name)).join(', ');
    return notFoundError(`The store has ${missing} of '${library}'. Its versions: ${known}.`);
  }
  const libraries = (await documents.libraries()).map(({ name }) => name).join(', ');
  const known = libraries === '' ? 'It has no libraries.' : `Its libraries: ${libraries}.`;
  return notFoundError(`The store has no library '${library}'. ${known}`);
}
