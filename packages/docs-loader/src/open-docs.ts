import { basename } from 'node:path';
import type { PageDocument } from '@switchyard/storage-core';
import { findFiles } from './source/find-files.js';
import { readText } from './source/read-text.js';
import { cannotOpen, type ResolvedSource, resolveSource } from './source/resolve-source.js';
import { checkSelection, selectFiles } from './source/select-files.js';
import type { DocsWarning } from './source/warnings.js';
import type { FrontMatter } from './split/front-matter/front-matter.js';
import type { ChunkSizes } from './split/sizes.js';
import { isPlainText, splitFile } from './split/split-file.js';
import { splitText } from './split/split-markdown.js';
import { SplitWorker } from './worker/split-in-worker.js';

/** Options of {@link openDocs}. */
export interface DocsOptions {
  /** Directory for resolving `npm:` packages and relative paths. Default: the working directory. */
  readonly from?: string | undefined;
  /** Chunk sizes. */
  readonly sizes?: ChunkSizes | undefined;
  /** Maximum file size in bytes; larger files are skipped with a warning. Default: 4 MiB. */
  readonly maxFileBytes?: number | undefined;
  /**
   * Globs of the paths to read within the folder or package, such as `guides/**\/*.md`; the name of a folder stands for
   * everything in it. A source that is a single file is always read. Default: all files.
   */
  readonly include?: readonly string[] | undefined;
  /** Globs of paths to leave out, also of those that `include` selects. Default: none. */
  readonly exclude?: readonly string[] | undefined;
  /** Selects files by their path within the folder or package (with `/`). Default: all files. */
  readonly filter?: ((path: string) => boolean) | undefined;
  /** Base URL of pages: `https://docs.example.org/` gives `https://docs.example.org/guides/a.md`. Default: none. */
  readonly baseUrl?: string | undefined;
  /** Called for every {@link DocsWarning}; all of them are also in `warnings`. */
  readonly onWarning?: ((warning: DocsWarning) => void) | undefined;
  /** Called before each file is read, again before a large file is split, and once more at the end. */
  readonly onProgress?: ((progress: DocsProgress) => void) | undefined;
  /** Aborts `pages()` with the signal's reason, even in the middle of a file. */
  readonly signal?: AbortSignal | undefined;
}

/** Progress of reading documentation. */
export interface DocsProgress {
  /** The current file; null once all files are done. */
  readonly path: string | null;
  /** Number of finished files. */
  readonly files: number;
  readonly totalFiles: number;
  /** True for a large file, which takes time to split. */
  readonly isLarge: boolean;
}

/** A page of documentation, split into chunks. */
export interface DocsPage extends PageDocument {
  /** Front matter of the file, which is not part of the chunks; null if there is none. */
  readonly frontMatter: FrontMatter | null;
}

/** The documentation files in a folder or package, found but not yet read. */
export interface Docs {
  /** Name of the package, or of the folder. */
  readonly library: string;
  /** Version of the package; the empty string for a folder. */
  readonly version: string;
  /** Relative paths of the files, with `/`, in the order of {@link pages}. */
  readonly files: readonly string[];
  /** Files skipped or altered so far, with the reasons. */
  readonly warnings: readonly DocsWarning[];
  /**
   * Reads and splits the files one by one, keeping only one in memory. Files without text yield no page. Large files are
   * split in a worker thread so that the event loop is not blocked.
   */
  pages(): AsyncGenerator<DocsPage, void, undefined>;
}

const DEFAULT_MAX_FILE_BYTES = 4 * 1024 * 1024;
/** Maximum length of texts split on the main thread, which takes a few milliseconds; longer ones go to a worker. */
const MAX_INLINE_LENGTH = 64 * 1024;

/**
 * Finds the documentation (.md, .mdx, .markdown, .txt) in a folder, in one file, or with `npm:NAME` in an installed
 * package. Changelogs, licenses and codes of conduct of packages are skipped.
 *
 * Page URLs are the same on every machine, since a URL identifies its page and is part of the embedded text: for a
 * package `npm:fastify@5.6.0/docs/Guides/Database.md`, for a folder the percent-encoded path within it
 * (`Guides/Database.md`), or either below `baseUrl`.
 *
 * @throws StorageError `STORAGE_NOT_FOUND`, `STORAGE_PERMISSION_DENIED`; TypeError for invalid options.
 */
export async function openDocs(source: string, options: DocsOptions = {}): Promise<Docs> {
  const { from = process.cwd(), sizes, filter = () => true, onWarning, onProgress, signal } = options;
  const { maxFileBytes = DEFAULT_MAX_FILE_BYTES } = options;
  const baseUrl = options.baseUrl === undefined ? undefined : toBaseUrl(options.baseUrl);
  splitText('', sizes); // rejects invalid sizes before anything is read
  checkSelection(options);
  const place = await resolveSource(source, from);
  const isSelected = place.onlyFile === null ? await selectFiles(place.root, options, signal) : () => true;
  const warnings: DocsWarning[] = [];
  const warn = (warning: DocsWarning) => {
    warnings.push(warning);
    onWarning?.(warning);
  };
  const files = await listFiles(place, source, (path) => filter(path) && isSelected(path), warn);

  async function* pages(): AsyncGenerator<DocsPage, void, undefined> {
    const worker = new SplitWorker();
    try {
      for (const [index, path] of files.entries()) {
        signal?.throwIfAborted();
        const progress = { path, files: index, totalFiles: files.length };
        onProgress?.({ ...progress, isLarge: false });
        const text = await readText(place.root, path, maxFileBytes, warn);
        if (text === null) continue;
        const isLarge = text.length > MAX_INLINE_LENGTH;
        if (isLarge) onProgress?.({ ...progress, isLarge });
        const page = isLarge
          ? await worker.split({ path, text, sizes }, signal)
          : splitFile(path, text, sizes);
        yield {
          url: (baseUrl ?? place.urlPrefix) + encodePath(path),
          title: page.title ?? titleFromPath(path),
          contentType: isPlainText(path) ? 'text/plain' : 'text/markdown',
          frontMatter: page.frontMatter,
          chunks: page.chunks,
        };
      }
      onProgress?.({ path: null, files: files.length, totalFiles: files.length, isLarge: false });
    } finally {
      await worker.close();
    }
  }
  return { library: place.library, version: place.version, files, warnings, pages };
}

/** Opens documentation and yields its pages; see {@link openDocs}. */
export async function* loadDocs(
  source: string,
  options?: DocsOptions,
): AsyncGenerator<DocsPage, void, undefined> {
  const docs = await openDocs(source, options);
  yield* docs.pages();
}

async function listFiles(
  { root, onlyFile, accept }: ResolvedSource,
  source: string,
  filter: (path: string) => boolean,
  warn: (warning: DocsWarning) => void,
): Promise<string[]> {
  if (onlyFile !== null) return [onlyFile];
  try {
    return await findFiles(root, (path) => accept(path) && filter(path), warn);
  } catch (cause) {
    throw cannotOpen(source, cause);
  }
}

/** Returns the file name without its extension, for pages without a title. */
function titleFromPath(path: string): string {
  const name = basename(path).replace(/\.[^.]+$/, '');
  try {
    // Site mirrors use percent-encoded file names, but full-text search needs plain words.
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

function toBaseUrl(text: string): string {
  if (!URL.canParse(text)) throw new TypeError('baseUrl must be a URL such as https://docs.example.org/.');
  return text.endsWith('/') ? text : `${text}/`;
}

function encodePath(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/');
}
