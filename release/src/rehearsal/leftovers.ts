import { dirname, join } from 'node:path/posix';
import type { Removal, Removed } from './removal.js';

/** A mention of something that left. */
export interface Leftover {
  readonly path: string;
  /** Line number in the tree that remains, from 1. */
  readonly line: number;
  readonly text: string;
  readonly reason: string;
}

const CODE = /\.(?:[cm]?[jt]s|json|ya?ml|sh)$|^\.ci\//;
/** The specifier of an import, a dynamic import, an export from a module, or a `require`. */
const SPECIFIER =
  /\b(?:from|import|require|resolve)\b\s*\(?\s*(?<quote>['"`])(?<specifier>[^'"`\s]+)\k<quote>/g;
const EXPORT =
  /^export (?:declare |default |abstract |async )*(?:const|let|function\*?|class|interface|type|enum) (?<name>[\w$]+)/;
const EXPORT_LIST = /^export (?:type )?\{(?<names>[^}]*)\}/;
const MARKER = /@(?:after-)?legacy\b/;

/** Finds imports, exports and names of packages that a removal left behind, in everything but its exceptions. */
export function leftoversOf({ tree, deleted }: Removed, removal: Removal): Leftover[] {
  const gone = new Set(deleted);
  return [...tree].flatMap(([path, text]) => {
    if (removal.exceptions.some((pattern) => pattern.test(path)) || path === 'package-lock.json') return [];
    return text.split('\n').flatMap((line, index) =>
      reasonsAgainst(path, line, removal, gone).map((reason) => ({
        path,
        line: index + 1,
        text: line.trim(),
        reason,
      })),
    );
  });
}

function reasonsAgainst(
  path: string,
  line: string,
  removal: Removal,
  deleted: ReadonlySet<string>,
): readonly string[] {
  const reasons: string[] = [];
  if (MARKER.test(line)) reasons.push('a marker that was not understood');
  if (!CODE.test(path)) return reasons;
  for (const match of line.matchAll(SPECIFIER)) {
    const specifier = match.groups?.specifier ?? '';
    const isGone = [...removal.packages, ...removal.dependencies].some(
      (name) => specifier === name || specifier.startsWith(`${name}/`),
    );
    if (isGone || isDeleted(path, specifier, deleted)) reasons.push(`imports ${specifier}`);
  }
  if (reasons.length === 0) {
    const named = removal.packages.find(
      (name) => line.includes(name) || line.includes(`packages/${name.split('/')[1]}`),
    );
    if (named !== undefined) reasons.push(`names the package ${named}`);
  }
  if (path.endsWith('package.json')) {
    const listed = removal.dependencies.find((name) => line.includes(`"${name}"`));
    if (listed !== undefined) reasons.push(`depends on ${listed}`);
  }
  const exported = namesExportedBy(line).find((name) => removal.exportedNames.test(name));
  if (exported !== undefined && /\/src\//.test(path)) reasons.push(`exports ${exported}`);
  return reasons;
}

/** Returns true for a relative specifier of a deleted module; `.js` stands for the source it is compiled from. */
function isDeleted(path: string, specifier: string, deleted: ReadonlySet<string>): boolean {
  if (!specifier.startsWith('.')) return false;
  const target = join(dirname(path), specifier);
  const source = target.replace(/\bdist\//, 'src/').replace(/\.js$/, '.ts');
  return deleted.has(target) || deleted.has(source) || deleted.has(target.replace(/\.js$/, '.ts'));
}

function namesExportedBy(line: string): readonly string[] {
  const single = EXPORT.exec(line)?.groups?.name;
  if (single !== undefined) return [single];
  const list = EXPORT_LIST.exec(line)?.groups?.names ?? '';
  return list.split(',').map((name) => name.trim().replace(/^type /, ''));
}
