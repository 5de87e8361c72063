import { readFile, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { StorageError } from '@switchyard/storage-core';

const PACKAGE_NAME = /^(?:@[\w.-]+\/)?[\w.-]+$/;

/** A place that documentation is read from. */
export interface ResolvedSource {
  readonly root: string;
  /** Set when the source is one file: the only path under the root that is read. */
  readonly onlyFile: string | null;
  readonly library: string;
  /** Empty for a folder. */
  readonly version: string;
  /** What stands before the path in the URL of a page. */
  readonly urlPrefix: string;
  readonly accept: (path: string) => boolean;
}

/** Files of packages that say nothing about their use. */
const noDocumentation =
  /(?:^|\/)(?:change-?log|changes|history|license|license|code[-_]of[-_]conduct)[^/]*$/i;

/** In packages, plain texts are rarely documentation: only those in its folders count. */
const plainText = /\.txt$/i;
const docsFolder = /^(?:docs?|documentation)\//i;

/**
 * Finds what a source names: `npm:NAME` is a package installed in `node_modules` of `from` or a folder above it, any
 * other text is a folder or file, relative to `from`.
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
    throw new StorageError('STORAGE_NOT_FOUND', `'${name}' is not the name of a package.`);
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
    `The package ${name} is not installed for ${start}. Install it there with: npm install ${name}`,
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
    throw new StorageError('STORAGE_NOT_FOUND', `The package.json of ${name} is not JSON.`, { cause });
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

/** The error for a source that is not there or may not be read. */
export function cannotOpen(source: string, cause: unknown, advice?: string): StorageError {
  const code = codeOf(cause);
  const denied = code === 'EACCES' || code === 'EPERM';
  const reason = denied
    ? 'may not be read'
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
