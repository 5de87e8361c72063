import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A fenced block of a page of documentation. */
export interface Snippet {
  /** Path of the page from the root of the repository, and the line of the fence. */
  readonly place: string;
  readonly page: string;
  readonly language: string;
  readonly code: string;
  /** Why it cannot be run here, from a comment before the fence: `<!-- not run: reason -->`. */
  readonly notRun: string | null;
  /** Name of the file that holds it while the page is run, from a comment before the fence: `<!-- file: name -->`. */
  readonly file: string | null;
}

const fence =
  /(?:<!-- (?:not run: (?<notRun>[^>]+?)|file: (?<file>[\w.-]+)) -->\s*\n)?^```(?<language>\w*)\n(?<code>[\s\S]*?)^```$/gm;

/** All fenced blocks of docs/ and of the Markdown files at the root and in the package folders. */
export function findSnippets(root: string): Snippet[] {
  const folders = ['.', ...subfolders(root, 'packages'), ...subfolders(root, 'examples')];
  const pages = [
    ...folders.flatMap((folder) => markdownFiles(join(root, folder)).map((name) => join(folder, name))),
    ...markdownFiles(join(root, 'docs'), true).map((name) => join('docs', name)),
  ];
  return pages.flatMap((page) => snippetsOf(page, readFileSync(join(root, page), 'utf8')));
}

function subfolders(root: string, parent: string): string[] {
  return readdirSync(join(root, parent)).map((name) => join(parent, name));
}

function markdownFiles(folder: string, recursive = false): string[] {
  return readdirSync(folder, { recursive, encoding: 'utf8' }).filter((name) => name.endsWith('.md'));
}

function snippetsOf(page: string, text: string): Snippet[] {
  return [...text.matchAll(fence)].map((match) => ({
    page,
    place: `${page}:${text.slice(0, match.index).split('\n').length}`,
    language: match.groups?.language ?? '',
    code: match.groups?.code ?? '',
    notRun: match.groups?.notRun ?? null,
    file: match.groups?.file ?? null,
  }));
}
