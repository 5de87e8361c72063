import { type Dirent, readdir } from 'node:fs';
import { glob } from 'tinyglobby';

/** Globs that select the files of a folder or package. */
export interface FileSelection {
  /** Globs of paths to read; undefined for all. */
  readonly include?: readonly string[] | undefined;
  /** Globs of paths to leave out; stronger than `include`. */
  readonly exclude?: readonly string[] | undefined;
}

/**
 * Returns a function that decides by globs which paths under a folder are read. A glob that names a folder selects
 * everything in it.
 */
export async function selectFiles(
  root: string,
  { include, exclude }: FileSelection,
  signal: AbortSignal | undefined,
): Promise<(path: string) => boolean> {
  if (include === undefined && exclude === undefined) return () => true;
  const selected = await glob([...(include ?? ['**'])], {
    cwd: root,
    ignore: ['**/node_modules/**', ...(exclude ?? [])],
    fs: { readdir: readdirWithoutLinks },
    ...(signal === undefined ? {} : { signal }),
  });
  const paths = new Set(selected);
  return (path) => paths.has(path);
}

/**
 * Lists links as files: they are not followed, and globs decide whether they are reported. The walker would omit or
 * follow them.
 */
const readdirWithoutLinks = ((
  path: string,
  options: { readonly withFileTypes: true },
  done: (error: NodeJS.ErrnoException | null, entries: readonly Pick<Dirent, 'name'>[]) => void,
) => {
  readdir(path, options, (error, entries = []) => {
    done(
      error,
      entries.map((entry) => (entry.isSymbolicLink() ? asFile(entry) : entry)),
    );
  });
}) as typeof readdir;

function asFile({ name }: Dirent) {
  return { name, isFile: () => true, isDirectory: () => false, isSymbolicLink: () => false };
}

/** @throws TypeError for anything but lists of non-empty globs. */
export function checkSelection({ include, exclude }: FileSelection): void {
  checkGlobs(include, 'include');
  checkGlobs(exclude, 'exclude');
}

function checkGlobs(globs: unknown, name: string): void {
  if (globs === undefined) return;
  const isList = Array.isArray(globs) && globs.length > 0;
  if (!isList || !globs.every((one) => typeof one === 'string' && one.trim() !== '')) {
    throw new TypeError(`${name} must be a list of globs, such as ['guides/**/*.md'].`);
  }
}
