import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, join } from 'node:path';
import { type ChunkSizes, openDocs, splitMarkdown } from '@switchyard/docs-loader';
import type { PageDocument } from '@switchyard/storage-core';
import { evaluationFolder } from '../folders.js';
import { type CorpusLibrary, libraries } from './libraries.js';

/** A file of documentation. */
export interface SourceFile {
  /** Path in the package. */
  readonly path: string;
  /** URL under which it is indexed: the one that `switchyard index npm:NAME` gives. */
  readonly url: string;
  readonly text: string;
}

/** The documentation of a library. */
export interface LibrarySource {
  readonly library: CorpusLibrary;
  readonly version: string;
  readonly files: readonly SourceFile[];
}

/** Reads the documentation of the installed packages. */
export async function readSources(names?: readonly string[]): Promise<LibrarySource[]> {
  const wanted = libraries.filter(({ name }) => names === undefined || names.includes(name));
  return Promise.all(wanted.map(readSource));
}

async function readSource(library: CorpusLibrary): Promise<LibrarySource> {
  const { name, paths } = library;
  const { version, files } = await openDocs(`npm:${name}`, {
    from: evaluationFolder,
    filter: (path) => paths.test(path),
  });
  const root = packageFolder(name);
  return {
    library,
    version,
    files: files.map((path) => ({
      path,
      url: `npm:${name}@${version}/${path}`,
      text: readFileSync(join(root, path), 'utf8'),
    })),
  };
}

/** Splits files into pages of chunks, as `switchyard index` does. */
export function toPages(files: readonly SourceFile[], sizes?: ChunkSizes): PageDocument[] {
  return files.flatMap(({ path, url, text }) => {
    const { title, chunks } = splitMarkdown(text, sizes);
    if (chunks.length === 0) return [];
    return [
      { url, title: title ?? basename(path).replace(/\.[^.]+$/, ''), contentType: 'text/markdown', chunks },
    ];
  });
}

/** Finds an installed package by its folder: not every package exports its manifest. */
function packageFolder(name: string): string {
  const folders = createRequire(import.meta.url).resolve.paths(name) ?? [];
  const folder = folders
    .map((path) => join(path, name))
    .find((path) => existsSync(join(path, 'package.json')));
  if (folder === undefined) throw new Error(`The package ${name} is not installed: run npm ci.`);
  return folder;
}
