import { InvalidArgumentError } from 'commander';
import { CliError } from '../cli-error.js';

/** A library and optionally a version. */
export interface LibraryArgument {
  readonly library: string;
  /** Undefined without an `@`; empty for the unversioned version. */
  readonly version: string | undefined;
}

/** Parses `LIBRARY[@VERSION]`. The `@` of a scoped package (`@scope/name`) is part of the name. */
export function parseLibraryArgument(text: string): LibraryArgument {
  const at = text.lastIndexOf('@');
  const library = at > 0 ? text.slice(0, at) : text;
  if (library.trim() === '' || library === '@') {
    throw new InvalidArgumentError('Expected a library: LIBRARY or LIBRARY@VERSION.');
  }
  return { library, version: at > 0 ? text.slice(at + 1) : undefined };
}

/**
 * Parses `LIBRARY[@VERSION]` when the command runs, where other arguments decide which one it is.
 *
 * @throws CliError `CLI_USAGE`.
 */
export function requireLibraryArgument(text: string): LibraryArgument {
  try {
    return parseLibraryArgument(text);
  } catch (error) {
    if (!(error instanceof InvalidArgumentError)) throw error;
    throw new CliError('CLI_USAGE', `'${text}' is not a library.`, error.message, error);
  }
}

/** Formats `LIBRARY@VERSION`, or only the library for its unversioned version. */
export function formatLibrary(library: string, version: string): string {
  return version === '' ? library : `${library}@${version}`;
}
