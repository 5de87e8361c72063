import { widthOf, wrap } from '../output/width.js';

/** Minimum width of the second column, to be readable next to the first. */
const SECOND_MIN = 24;

/** Fits help to a terminal: long lines wrap within their column. Commands are kept on one line, to be copied. */
export function fitHelp(text: string, columns: number | null): string {
  if (columns === null) return text;
  return text
    .split('\n')
    .flatMap((line) => fitLine(line, columns))
    .join('\n');
}

function fitLine(line: string, columns: number): string[] {
  if (widthOf(line) <= columns || /^\s*\$ /.test(line)) return [line];
  const [, indent = '', first = '', gap = '', rest = ''] = /^(\s*)(.*?\S)?(\s{2,}|$)(.*)$/.exec(line) ?? [];
  const start = indent.length + first.length + gap.length;
  if (rest !== '' && columns - start >= SECOND_MIN) {
    const [head = '', ...more] = wrap(rest, columns - start);
    return [`${indent}${first}${gap}${head}`, ...more.map((part) => ' '.repeat(start) + part)];
  }
  if (rest !== '' && first !== '') {
    const deeper = `${indent}    `;
    return [...hang(first, indent, columns), ...hang(rest, deeper, columns)];
  }
  return hang(line.trimStart(), indent, columns);
}

function hang(text: string, indent: string, columns: number): string[] {
  return wrap(text, Math.max(8, columns - indent.length)).map((part) => indent + part);
}
