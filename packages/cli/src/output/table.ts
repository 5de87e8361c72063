import Table from 'cli-table3';
import type { Colors } from './colors.js';
import { printable } from './plain-text.js';
import { widthOf, wrap } from './width.js';

/** Minimum width of a readable column. */
const COLUMN_MIN = 16;
const GAP = 2;

/**
 * Formats aligned columns without borders, readable when copied or piped. If the terminal is too narrow, the widest
 * columns are wrapped; if that does not suffice, each row becomes a paragraph.
 *
 * @param columns Width of the terminal; null without one.
 */
export function formatTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  colors: Colors,
  columns: number | null = null,
): string {
  const cells = rows.map((row) => row.map(toCell));
  const widths = columns === null ? null : fittingWidths([head, ...cells], columns);
  if (widths === undefined) return paragraphs(head, cells, colors, columns ?? 0);
  const fit = (text: string, index: number) =>
    widths === null ? text : wrap(text, widths[index] ?? COLUMN_MIN).join('\n');
  const table = emptyTable(head.map((title, index) => colors.bold(fit(title, index))));
  for (const row of cells) table.push(row.map(fit));
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}

/** Column widths that fit, narrowing the widest first; null if the table fits unchanged, undefined if it cannot fit. */
function fittingWidths(rows: readonly (readonly string[])[], columns: number): number[] | null | undefined {
  const widths = (rows[0] ?? []).map((_, index) => Math.max(...rows.map((row) => widthOf(row[index] ?? ''))));
  const excess = () => widths.reduce((sum, width) => sum + width + GAP, -GAP) - columns;
  if (excess() <= 0) return null;
  for (let over = excess(); over > 0; over = excess()) {
    const widest = Math.max(...widths);
    if (widest <= COLUMN_MIN) return undefined;
    const second = Math.max(COLUMN_MIN, ...widths.filter((width) => width < widest));
    const index = widths.indexOf(widest);
    const isShared = widths.filter((width) => width === widest).length > 1;
    widths[index] = isShared ? widest - 1 : Math.max(second, widest - over);
  }
  return widths;
}

function paragraphs(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  colors: Colors,
  columns: number,
): string {
  return rows
    .map((row) =>
      row
        .flatMap((cell, index) => {
          if (cell === '') return [];
          const [first = '', ...more] = wrap(`${head[index]}: ${cell}`, columns);
          const title = `${head[index]}:`;
          const shown = first.startsWith(title) ? colors.bold(title) + first.slice(title.length) : first;
          return [shown, ...more];
        })
        .join('\n'),
    )
    .join('\n\n');
}

function emptyTable(head: string[]) {
  const none = { top: '', 'top-mid': '', 'top-left': '', 'top-right': '', bottom: '', 'bottom-mid': '' };
  return new Table({
    head,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
    chars: {
      ...none,
      'bottom-left': '',
      'bottom-right': '',
      left: '',
      'left-mid': '',
      mid: '',
      'mid-mid': '',
      right: '',
      'right-mid': '',
      middle: ' '.repeat(GAP),
    },
  });
}

/** One line of limited length: an error message must not break the table. */
function toCell(text: string): string {
  const line = printable(text).replace(/\s+/g, ' ');
  return line.length > 80 ? `${line.slice(0, 79)}…` : line;
}
