import { compareVersionsNewestFirst, type DocumentStore, StorageError } from '@switchyard/storage-core';
import { findVersionMatch, type VersionMatchReason } from '@switchyard/version-match';
import type { Output } from '../output/output.js';
import { formatLibrary, type LibraryArgument } from './library-ref.js';

/**
 * Finds the requested version by the rules of `matchVersion`: an exact name, a range such as `^1.2`, or without a
 * version the highest stable one. A note on stderr reports the choice. Rejects versions that do not exist, which are
 * probably mistyped; searching one would find nothing.
 *
 * @throws StorageError `STORAGE_NOT_FOUND` that lists the existing ones.
 */
export async function findVersion(
  documents: DocumentStore,
  { library, version }: LibraryArgument,
  output: Output,
): Promise<{ readonly library: string; readonly version: string }> {
  const names = (await documents.versions(library)).map(({ name }) => name);
  const match = findVersionMatch(await withoutEmpty(documents, library, version, names), version);
  if (match === null) throw await notFound(documents, library, version, names);
  const asked = version === undefined ? library : `${library}@${version}`;
  const found = formatLibrary(library, match.name);
  const isPlain = match.reason === 'exact' || asked === found;
  if (!isPlain) output.note(`${asked} resolved to ${found}, ${reasons[match.reason]}.`);
  return { library, version: match.name };
}

const reasons: Readonly<Record<VersionMatchReason, string>> = {
  exact: 'which has that name',
  same: 'which is the same version',
  latest: 'the highest stable version',
  prerelease: 'the highest prerelease, since no version is stable',
  range: 'the highest version in that range',
  below: 'the highest version below it',
  unversioned: 'the unversioned version, since no other fits',
};

/** An unversioned version without documents is only used if requested explicitly. */
async function withoutEmpty(
  documents: DocumentStore,
  library: string,
  version: string | undefined,
  names: readonly string[],
): Promise<readonly string[]> {
  if (version === '' || !names.includes('') || (await documents.hasChunks(library, ''))) return names;
  return names.filter((name) => name !== '');
}

async function notFound(
  documents: DocumentStore,
  library: string,
  version: string | undefined,
  names: readonly string[],
): Promise<StorageError> {
  const notFoundError = (message: string, advice: string) =>
    new StorageError('STORAGE_NOT_FOUND', message, { advice });
  if (names.length > 0) {
    const missing =
      version === undefined
        ? `No version of '${library}' has a semantic version as its name.`
        : version === ''
          ? `The store has no unversioned documentation of '${library}'.`
          : `The store has no version '${version}' of '${library}', and none that matches it.`;
    const known = [...names]
      .sort(compareVersionsNewestFirst)
      .map((name) => (name === '' ? 'the unversioned one' : name))
      .join(', ');
    const advice = `Name one of them, as in ${formatLibrary(library, names[0] ?? '')}.`;
    return notFoundError(`${missing} Its versions: ${known}.`, advice);
  }
  const libraries = (await documents.libraries()).map(({ name }) => name).join(', ');
  const known = libraries === '' ? 'It has no libraries.' : `Its libraries: ${libraries}.`;
  const advice =
    libraries === '' ? 'Index documentation first: switchyard index --help.' : 'Name one of them.';
  return notFoundError(`The store has no library '${library}'. ${known}`, advice);
}
