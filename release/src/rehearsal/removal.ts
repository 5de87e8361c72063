import { editJson } from './json-edits.js';
import { removeMarked } from './marked-lines.js';

/** Declares what leaves the repository. */
export interface Removal {
  /** Packages of this repository. */
  readonly packages: readonly string[];
  /** Packages from npm that nothing needs afterwards. */
  readonly dependencies: readonly string[];
  /** Scripts of the root package.json. */
  readonly scripts: readonly string[];
  /** Patterns of files that are deleted, by path from the root. */
  readonly paths: readonly RegExp[];
  /** Rows of tables in Markdown files. */
  readonly rows: RegExp;
  /** Files that may mention what left: they tell the history. */
  readonly exceptions: readonly RegExp[];
  /** Names that nothing may export afterwards. */
  readonly exportedNames: RegExp;
}

/** Text files of a tree by path from its root, with `/` as the separator. */
export type Tree = ReadonlyMap<string, string>;

/** Result of {@link remove}. */
export interface Removed {
  /** The tree that remains. */
  readonly tree: Tree;
  /** Paths of deleted files. */
  readonly deleted: readonly string[];
  /** Files from which lines or keys were removed, with the number of lines. */
  readonly edited: ReadonlyMap<string, number>;
}

/**
 * Deletes files, marked lines, rows of tables and keys of JSON files from a tree in memory.
 *
 * @throws Error for a block of marked lines without its beginning or end.
 */
export function remove(tree: Tree, removal: Removal): Removed {
  const kept = new Map<string, string>();
  const deleted: string[] = [];
  const edited = new Map<string, number>();
  for (const [path, text] of tree) {
    if (removal.paths.some((pattern) => pattern.test(path))) {
      deleted.push(path);
      continue;
    }
    const changed = edit(path, text, removal);
    if (changed !== text) edited.set(path, lines(text) - lines(changed));
    kept.set(path, changed);
  }
  return { tree: kept, deleted, edited };
}

function edit(path: string, text: string, removal: Removal): string {
  if (path.endsWith('.json')) return editJson(path, text, removal);
  const marked = removeMarked(path, text);
  if (!path.endsWith('.md') || removal.exceptions.some((pattern) => pattern.test(path))) return marked;
  const kept = marked.split('\n').filter((line) => !(line.startsWith('| ') && removal.rows.test(line)));
  return kept.join('\n');
}

function lines(text: string): number {
  return text.split('\n').length;
}
