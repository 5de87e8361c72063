import { readFile, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { StorageError } from '@switchyard/storage-core';

const PACKAGE_NAME = /^(?:@[\w.-]+\/)?[\w.-]+$/;

/** A resolved documentation source. */
export interface ResolvedSource {
  readonly root: string;
  /** The only path under the root to read, if the source is a single file; otherwise null. */
  readonly onlyFile: string | null;
  readonly library: string;
  /** Package version; the empty string for a folder. */
  readonly version: string;
  /** Prefix of page URLs. */
  readonly urlPrefix: string;
  readonly accept: (path: string) => boolean;
}

/** Files of packages that do not document their use. */
const noDocumentation =
  /(?:^|\/)(?:change-?log|changes|history|license|license|code[-_]of[-_]conduct)[^/]*$/i;

/** Plain text files of packages are rarely documentation, so only those in documentation folders count. */
const plainText = /\.txt$/i;
const docsFolder = /^(?:docs?|documentation)\//i;

/**
 * Resolves a source: `npm:NAME` is a package installed in `node_modules` of `from` or a parent folder; anything else is
 * a folder or file relative to `from`.
 *
 * @throws StorageError `STORAGE_NOT_FOUND`, `STORAGE_PERMISSION_DENIED`.
 */
export async function resolveSource(source: string, from: string): Promise<ResolvedSource> {
  const name = /^npm:(.+)$/.exec(source)?.[1];
  return name === undefined ? resolveFolder(source, from) : resolvePackage(name, from);
}

async function resolveFolder(source: string, from: string): Promise<ResolvedSource> {
  const path = resolve(from, source);
  try {
    const root = await realpath(path);
    const isFolder = (await stat(root)).isDirectory();
    return {
      root: isFolder ? root : dirname(root),
      onlyFile: isFolder ? null : basename(root),
      library: basename(path),
      version: '',
      urlPrefix: '',
      accept: () => true,
    };
  } catch (cause) {
    const advice = PACKAGE_NAME.test(source)
      ? `To read an installed package, write npm:${source}.`
      : 'Check the path.';
    throw cannotOpen(source, cause, advice);
  }
}

async function resolvePackage(name: string, from: string): Promise<ResolvedSource> {
  if (!PACKAGE_NAME.test(name) || /^\.|\/\./.test(name)) {
    throw new StorageError('STORAGE_NOT_FOUND', `'${name}' is not a valid package name.`);
  }
  const start = resolve(from);
  for (let folder = start; ; folder = dirname(folder)) {
    const root = join(folder, 'node_modules', name);
    const manifest = await readManifest(join(root, 'package.json'), name);
    if (manifest !== null) return packageSource(await realpath(root), name, manifest);
    if (folder === dirname(folder)) break;
  }
  throw new StorageError(
    'STORAGE_NOT_FOUND',
    `The package ${name} is not installed in ${start} or above. Install it there with: npm install ${name}`,
    {
      advice: `Install it there: npm install ${name}`,
    },
  );
}

async function readManifest(path: string, name: string): Promise<{ readonly version: string } | null> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    const code = codeOf(cause);
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw cannotOpen(`The package ${name}`, cause);
  }
  try {
    const { version } = JSON.parse(text) as { readonly version?: unknown };
    return { version: typeof version === 'string' ? version : '' };
  } catch (cause) {
    throw new StorageError('STORAGE_NOT_FOUND', `The package.json of ${name} is not valid JSON.`, { cause });
  }
}

function packageSource(
  root: string,
  name: string,
  { version }: { readonly version: string },
): ResolvedSource {
  return {
    root,
    onlyFile: null,
    library: name,
    version,
    urlPrefix: `npm:${name}${version === '' ? '' : `@${version}`}/`,
    accept: (path) => !noDocumentation.test(path) && (!plainText.test(path) || docsFolder.test(path)),
  };
}

/** Builds the error for a source that does not exist or cannot be read. */
export function cannotOpen(source: string, cause: unknown, advice?: string): StorageError {
  const code = codeOf(cause);
  const denied = code === 'EACCES' || code === 'EPERM';
  const reason = denied
    ? 'cannot be read (permission denied)'
    : code === 'ENOENT'
      ? 'does not exist'
      : `cannot be read (${code})`;
  return new StorageError(
    denied ? 'STORAGE_PERMISSION_DENIED' : 'STORAGE_NOT_FOUND',
    `${source} ${reason}. ${denied ? '' : (advice ?? '')}`.trim(),
    { cause, advice: denied ? undefined : advice },
  );
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}
