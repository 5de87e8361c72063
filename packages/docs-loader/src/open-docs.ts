import { basename } from 'node:path';
import type { PageDocument } from '@switchyard/storage-core';
import { findFiles } from './source/find-files.js';
import { readText } from './source/read-text.js';
import { cannotOpen, type ResolvedSource, resolveSource } from './source/resolve-source.js';
import type { DocsWarning } from './source/warnings.js';
import type { FrontMatter } from './split/front-matter/front-matter.js';
import type { ChunkSizes } from './split/sizes.js';
import { isPlainText, splitFile } from './split/split-file.js';
import { splitText } from './split/split-markdown.js';
import { SplitWorker } from './worker/split-in-worker.js';

/** How documentation is read. */
export interface DocsOptions {
  /** Where `npm:` packages are looked for and relative paths begin. Default: the working directory. */
  readonly from?: string | undefined;
  /** How large chunks are. */
  readonly sizes?: ChunkSizes | undefined;
  /** Larger files are left out with a warning. Default 4 MiB. */
  readonly maxFileBytes?: number | undefined;
  /** Chooses files by their path within the folder or package (with `/`). Default: all. */
  readonly filter?: ((path: string) => boolean) | undefined;
  /** Makes URLs of pages absolute: `https://docs.example.org/` gives `https://docs.example.org/guides/a.md`. */
  readonly baseUrl?: string | undefined;
  /** Called with every {@link DocsWarning} as it comes; they are all in `warnings` as well. */
  readonly onWarning?: ((warning: DocsWarning) => void) | undefined;
  /** Called before each file is read, again before a large one is cut, and once more when all are done. */
  readonly onProgress?: ((progress: DocsProgress) => void) | undefined;
  /** Ends `pages()` with the reason of the signal, also in the middle of a file. */
  readonly signal?: AbortSignal | undefined;
}

/** How far reading has come. */
export interface DocsProgress {
  /** The file that is being read; null when all are. */
  readonly path: string | null;
  /** Files that are done. */
  readonly files: number;
  readonly totalFiles: number;
  /** Whether the file is one that takes time to cut. */
  readonly isLarge: boolean;
}

/** A page of documentation, cut into chunks. */
export interface DocsPage extends PageDocument {
  /** What its file says about itself before its text; no part of the chunks. Null when there is none. */
  readonly frontMatter: FrontMatter | null;
}

/** The documentation in a folder or package: found, not yet read. */
export interface Docs {
  /** Name of the package, or of the folder. */
  readonly library: string;
  /** Version of the package; empty for a folder. */
  readonly version: string;
  /** Relative paths of its files, with `/`, in the order of {@link pages}. */
  readonly files: readonly string[];
  /** What was left out so far, and why. */
  readonly warnings: readonly DocsWarning[];
  /**
   * Reads and cuts one file after the other; no more than one is in memory. Files without text give no page. Large ones
   * are cut in a worker thread, so that the event loop is not blocked.
   */
  pages(): AsyncGenerator<DocsPage, void, undefined>;
}

const DEFAULT_MAX_FILE_BYTES = 4 * 1024 * 1024;
/** Longer texts are cut in a worker: shorter ones take a few milliseconds. */
const WORKER_LENGTH = 64 * 1024;

/**
 * Finds the documentation (.md, .mdx, .markdown, .txt) in a folder, in one file, or with `npm:NAME` in an installed
 * package, where changelogs, licenses and codes of conduct are left out.
 *
 * URLs of pages are the same on every machine, since a page is known by its URL and what is embedded names it: for a
 * package `npm:fastify@5.6.0/docs/Guides/Database.md`, for a folder the path within it (`Guides/Database.md`),
 * percent-encoded, or either below `baseUrl`.
 *
 * @throws StorageError `STORAGE_NOT_FOUND`, `STORAGE_PERMISSION_DENIED`; TypeError for options that make no sense.
 */
export async function openDocs(source: string, options: DocsOptions = {}): Promise<Docs> {
  const { from = process.cwd(), sizes, filter = () => true, onWarning, onProgress, signal } = options;
  const { maxFileBytes = DEFAULT_MAX_FILE_BYTES } = options;
  const baseUrl = options.baseUrl === undefined ? undefined : toBaseUrl(options.baseUrl);
  splitText('', sizes); // refuses sizes that make no sense before anything is read
  const place = await resolveSource(source, from);
  const warnings: DocsWarning[] = [];
  const warn = (warning: DocsWarning) => {
    warnings.push(warning);
    onWarning?.(warning);
  };
  const files = await listFiles(place, source, filter, warn);

  async function* pages(): AsyncGenerator<DocsPage, void, undefined> {
    const worker = new SplitWorker();
    try {
      for (const [index, path] of files.entries()) {
        signal?.throwIfAborted();
        const progress = { path, files: index, totalFiles: files.length };
        onProgress?.({ ...progress, isLarge: false });
        const text = await readText(place.root, path, maxFileBytes, warn);
        if (text === null) continue;
        const isLarge = text.length > WORKER_LENGTH;
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

/** The pages of {@link openDocs} at once. */
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

/** The name of the file without its extension, for pages that give themselves no title. */
function titleFromPath(path: string): string {
  const name = basename(path).replace(/\.[^.]+$/, '');
  try {
    // Tools that mirror a site name files as its URLs are written. Word searches need words.
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
