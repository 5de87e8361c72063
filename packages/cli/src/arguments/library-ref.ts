import { InvalidArgumentError } from 'commander';

/** A library and, where it was given, a version. */
export interface LibraryArgument {
  readonly library: string;
  /** Undefined when there was no `@`; empty for the unversioned version. */
  readonly version: string | undefined;
}

/** Reads `LIBRARY[@VERSION]`. The `@` of a scoped package (`@scope/name`) belongs to the name. */
export function parseLibraryArgument(text: string): LibraryArgument {
  const at = text.lastIndexOf('@');
  const library = at > 0 ? text.slice(0, at) : text;
  if (library.trim() === '' || library === '@') {
    throw new InvalidArgumentError('It must name a library: LIBRARY or LIBRARY@VERSION.');
  }
  return { library, version: at > 0 ? text.slice(at + 1) : undefined };
}

/** `LIBRARY@VERSION`, or the library alone for its unversioned version. */
export function formatLibrary(library: string, version: string): string {
  return version === '' ? library : `${library}@${version}`;
}
