import { toWellFormed } from './well-formed.js';

/** The stored form of a library name: lower case, and well-formed text. */
export function normalizeLibraryName(name: string): string {
  const normal = normalizeName('library', name);
  if (normal === '') throw new TypeError('The library name must not be empty.');
  return normal;
}

/** The stored form of a version name; the unversioned one is the empty string. */
export function normalizeVersionName(name: string | null | undefined): string {
  return name === null || name === undefined ? '' : normalizeName('version', name);
}

function normalizeName(what: string, name: unknown): string {
  if (typeof name !== 'string') throw new TypeError(`The ${what} name must be a string, not ${typeof name}.`);
  return toWellFormed(name).toLowerCase();
}
