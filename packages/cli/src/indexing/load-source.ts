import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ChunkSizes, DocsProgress, DocsWarning } from '@switchyard/docs-loader';
import { isStorageError, type PageDocument, StorageError } from '@switchyard/storage-core';
import { CliError } from '../cli-error.js';

/** Documentation, loaded and split into chunks. */
export interface LoadedSource {
  /** Name of the package or folder. */
  readonly library: string;
  /** Version of the package; empty for a folder. */
  readonly version: string;
  /** `npm:NAME@VERSION`, or the file: URL of the folder. */
  readonly sourceUrl: string;
  readonly pages: readonly PageDocument[];
  readonly warnings: readonly DocsWarning[];
}

/** Options of {@link loadSource}. */
export interface SourceOptions {
  readonly baseUrl?: string | undefined;
  readonly sizes?: ChunkSizes | undefined;
  readonly include?: readonly string[] | undefined;
  readonly exclude?: readonly string[] | undefined;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: DocsProgress) => void;
  readonly onWarning: (warning: DocsWarning) => void;
}

/**
 * Loads a folder, a file or an installed package. A name that is not an existing path is treated as a package.
 *
 * @throws StorageError `STORAGE_NOT_FOUND`; CliError `CLI_NO_DOCUMENTS`.
 */
export async function loadSource(source: string, options: SourceOptions): Promise<LoadedSource> {
  if (/^[a-z][a-z\d+.-]+:\/\//i.test(source) && !source.startsWith('file:')) {
    throw new CliError(
      'CLI_USAGE',
      `A URL cannot be indexed: ${withoutCredentials(source)}`,
      'Pass a folder, a file, or the name of an installed package; --base-url sets the URLs of the pages.',
    );
  }
  // Only indexing needs the Markdown parser; loading it on demand makes every other command start faster.
  const { openDocs } = await import('@switchyard/docs-loader');
  const name = (await isPackageName(source)) ? `npm:${source}` : source;
  const docs = await openDocs(name, options).catch((error: unknown) => {
    throw name === source ? error : explain(source, error);
  });
  const pages: PageDocument[] = [];
  for await (const page of docs.pages()) pages.push(page);
  const isLimited = options.include !== undefined || options.exclude !== undefined;
  if (pages.length === 0) {
    throw new CliError(
      'CLI_NO_DOCUMENTS',
      `${source} contains no documentation${isLimited ? ' that --include and --exclude select' : ''}; nothing was changed.`,
      'Pass a folder, file or package with .md, .mdx, .markdown or .txt files.',
    );
  }
  const { library, version, warnings } = docs;
  const isPackage = name.startsWith('npm:');
  const packageUrl = `npm:${library}${version === '' ? '' : `@${version}`}`;
  const sourceUrl = isPackage ? packageUrl : pathToFileURL(resolve(source)).href;
  return { library, version, sourceUrl, pages, warnings };
}

/** Returns true if the source can only be a package: `fastify`, `@scope/name`, and no path of that name exists. */
async function isPackageName(source: string): Promise<boolean> {
  if (!/^(?:@[\w.-]+\/)?[\w-][\w.-]*$/.test(source)) return false;
  return await stat(source).then(
    () => false,
    () => true,
  );
}

/** Returns scheme and host: the rest of a URL may contain a secret. */
function withoutCredentials(url: string): string {
  return URL.canParse(url) ? `${new URL(url).protocol}//${new URL(url).host}` : 'a URL';
}

function explain(source: string, error: unknown): unknown {
  if (!isStorageError(error, 'STORAGE_NOT_FOUND')) return error;
  return new StorageError(
    'STORAGE_NOT_FOUND',
    `'${source}' is not a folder or file, and no package of that name is installed.`,
    { cause: error },
  );
}
