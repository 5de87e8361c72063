import Table from 'cli-table3';
import type { Measurement } from './measurement.js';

type Column = readonly [title: string, text: (row: Measurement) => string];

const columns: readonly Column[] = [
  ['scenario', (row) => row.scenario],
  ['contender', (row) => row.contender],
  ['parameters', (row) => row.parameters ?? ''],
  ['versions', (row) => row.versions?.toString() ?? ''],
  ['round trip', (row) => (row.roundTripMs === undefined ? '' : `${row.roundTripMs} ms`)],
  ['n', (row) => row.n.toLocaleString('en')],
  ['embedded', (row) => row.embedded?.toLocaleString('en') ?? ''],
  ['dim', (row) => row.dim.toString()],
  ['k', (row) => row.k?.toString() ?? ''],
  ['p50', (row) => withUnit(row.p50, row)],
  ['p95', (row) => withUnit(row.p95, row)],
  ['cpu', (row) => (row.cpuMs === undefined ? '' : `${toDigits(row.cpuMs)} ms`)],
  ['recall', (row) => row.recall?.toFixed(3) ?? ''],
  ['worst', (row) => row.recallWorst?.toFixed(2) ?? ''],
  ['ratio', (row) => (row.ratio === null ? '' : `${toDigits(row.ratio)} ×`)],
  ['chunks/s', (row) => row.chunksPerSecond?.toFixed(0) ?? ''],
  ['build', (row) => (row.buildMs === undefined ? '' : `${(row.buildMs / 1000).toFixed(1)} s`)],
  ['disk', (row) => (row.bytes === undefined ? '' : megabytes(row.bytes.disk))],
  ['memory', (row) => (row.bytes === undefined ? '' : megabytes(row.bytes.memory))],
  ['note', (row) => row.note ?? ''],
];

/** Formats a table for the terminal. Omits columns without values. */
export function toTable(rows: readonly Measurement[]): string {
  const used = usedColumns(rows);
  const table = new Table({ head: used.map(([title]) => title), style: { head: [], border: [] } });
  table.push(...rows.map((row) => used.map(([, text]) => text(row))));
  return table.toString();
}

/** Formats the table as Markdown, for documentation. */
export function toMarkdown(rows: readonly Measurement[]): string {
  const used = usedColumns(rows);
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [
    line(used.map(([title]) => title)),
    line(used.map(() => '---')),
    ...rows.map((row) => line(used.map(([, text]) => text(row).replaceAll('|', '\\|')))),
  ].join('\n');
}

/** Explains the reference of the ratios in a result. */
export function referenceLine(rows: readonly Measurement[]): string {
  const references = [...new Set(rows.map((row) => row.reference).filter((name) => name !== null))];
  return references.length === 0
    ? ''
    : `ratio: the p50 of ${references.join(' or ')} over the contender's, higher is better`;
}

function usedColumns(rows: readonly Measurement[]): readonly Column[] {
  return columns.filter(([, text]) => rows.some((row) => text(row) !== ''));
}

function withUnit(value: number, { unit }: Measurement): string {
  if (unit === 'bytes/chunk') return `${Math.round(value).toLocaleString('en')} B`;
  return `${toDigits(value)} ${unit}`;
}

function toDigits(value: number): string {
  if (value >= 100) return value.toFixed(0);
  return value >= 10 ? value.toFixed(1) : value.toFixed(2);
}

function megabytes(bytes: number): string {
  return `${toDigits(bytes / 2 ** 20)} MB`;
}
