import { toWellFormed } from './well-formed.js';

/** Returns the stored form of a library name: lower case and well-formed. */
export function normalizeLibraryName(name: string): string {
  const normal = normalizeName('library', name);
  if (normal === '') throw new TypeError('The library name must not be empty.');
  return normal;
}

/** Returns the stored form of a version name; the empty string for the unversioned one. */
export function normalizeVersionName(name: string | null | undefined): string {
  return name === null || name === undefined ? '' : normalizeName('version', name);
}

function normalizeName(what: string, name: unknown): string {
  if (typeof name !== 'string') throw new TypeError(`The ${what} name must be a string, not ${typeof name}.`);
  return toWellFormed(name).toLowerCase();
}
