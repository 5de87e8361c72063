import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** A name that an entry of a package exports, with the declaration file that declares it. */
export interface ExportedName {
  readonly name: string;
  readonly file: string;
}

/** A declaration, or a member of one, with the comment before it. */
export interface Declared {
  /** Such as `Embedder` or `Embedder.embed`. */
  readonly name: string;
  /** Text of the doc comment without its delimiters; null without one. */
  readonly comment: string | null;
}

const reExport = /^export (?:type )?(?:\{([^}]*)\}|\*) from '([^']+)';$/gm;
const declaration =
  /^export (?:declare )?(?:abstract )?(?:async )?(?:class|function|const|interface|type|namespace|let) (\w+)/gm;

/** The names that the declaration file of an entry exports, sorted. `export *` is followed. */
export function exportedNames(entry: string): ExportedName[] {
  const text = readFileSync(entry, 'utf8');
  const own = [...text.matchAll(declaration)].map(([, name = '']) => ({ name, file: entry }));
  const others = [...text.matchAll(reExport)].flatMap(([, list, specifier = '']) => {
    const file = join(dirname(entry), specifier.replace(/\.js$/, '.d.ts'));
    if (!specifier.startsWith('.')) return [];
    if (list === undefined) return exportedNames(file);
    return list.split(',').flatMap((item) => {
      const name = item.trim().replace(/^type /, '');
      return name === '' ? [] : [{ name, file }];
    });
  });
  const unique = new Map([...own, ...others].map((one) => [one.name, one]));
  return [...unique.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** A declaration and the members at its first level, as the compiler writes them: a member begins a line of its own. */
export function declared({ name, file }: ExportedName): Declared[] {
  const lines = readFileSync(file, 'utf8').split('\n');
  const isStart = (line: string) => new RegExp(`^export (?!\\{|\\*).*?\\b${name}\\b`).test(line);
  const start = lines.findIndex((line) => isStart(line) && line.match(declarationName)?.[1] === name);
  if (start === -1) throw new Error(`${file} does not declare ${name}.`);
  const found: Declared[] = [{ name, comment: commentBefore(lines, start) }];
  if (!/^export (?:declare )?(?:abstract )?(?:class|interface) /.test(lines[start] ?? '')) return found;
  for (let index = start + 1; index < lines.length && lines[index] !== '}'; index++) {
    const member = memberName(lines[index] ?? '');
    if (member !== null) found.push({ name: `${name}.${member}`, comment: commentBefore(lines, index) });
  }
  return found;
}

const declarationName = /^export (?:declare )?(?:abstract )?(?:class|function|const|interface|type) (\w+)/;

/** Members stand at four spaces; what stands deeper belongs to them. Private and symbol-named ones do not count. */
function memberName(line: string): string | null {
  const match =
    /^ {4}(?!private |#)(?:(?:static|readonly|abstract|protected|override|get|set|declare) )*(\[?[\w.]+\]?)\??[(:<]/.exec(
      line,
    );
  const name = match?.[1] ?? null;
  return name === null || name.startsWith('[') ? null : name;
}

function commentBefore(lines: readonly string[], index: number): string | null {
  if (!(lines[index - 1] ?? '').trimEnd().endsWith('*/')) return null;
  let start = index - 1;
  while (start >= 0 && !(lines[start] ?? '').trimStart().startsWith('/**')) start -= 1;
  return lines
    .slice(start, index)
    .map((line) => line.replace(/^\s*(?:\/\*\*|\*\/|\*)? ?/, '').replace(/\s*\*\/$/, ''))
    .join('\n')
    .trim();
}
