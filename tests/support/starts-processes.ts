import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Imports and calls by which a test starts a server, a browser or a child process. */
const STARTS =
  /'node:child_process'|'playwright-core'|'@switchyard\/(?:sqld|storage-isolation)'|isolation=|'\.\.\/release\/dist\/pack\.js'|\bconvertLegacy\w*\(/;

const RELATIVE_IMPORT = /\bfrom '(\.{1,2}\/[^']+)'/g;

/** Returns whether a test file starts a server or a child process, itself or through support files that it imports. */
export function startsProcesses(file: string, seen: Set<string> = new Set()): boolean {
  if (seen.has(file)) return false;
  seen.add(file);
  const source = readFileSync(file, 'utf8');
  if (STARTS.test(source)) return true;
  return [...source.matchAll(RELATIVE_IMPORT)]
    .map(([, specifier = '']) => join(dirname(file), specifier.replace(/\.js$/, '.ts')))
    .filter((imported) => /[/\\]tests?[/\\]/.test(imported) && existsSync(imported))
    .some((imported) => startsProcesses(imported, seen));
}
