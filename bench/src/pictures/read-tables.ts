/** A row of a table of results, by the titles of its columns. */
export type Row = Readonly<Record<string, string>>;

/** Reads the tables of a page of results by the heading that they stand below. */
export function readTables(page: string): ReadonlyMap<string, readonly Row[]> {
  const tables = new Map<string, Row[]>();
  let headings: string[] = [];
  let head: readonly string[] | null = null;
  for (const line of page.split('\n')) {
    const heading = /^(#{2,4}) (.+)$/.exec(line);
    if (heading !== null) {
      const depth = (heading[1] as string).length - 2;
      headings = [...headings.slice(0, depth), heading[2] as string];
    }
    if (!line.startsWith('|')) {
      head = null;
      continue;
    }
    const cells = line
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim());
    if (head === null) head = cells;
    else if (!cells.every((cell) => /^-+$/.test(cell))) {
      const name = headings.slice(1).join(' / ');
      const rows = tables.get(name) ?? [];
      rows.push(Object.fromEntries(head.map((title, index) => [title, cells[index] ?? ''])));
      tables.set(name, rows);
    }
  }
  return tables;
}

/** The last row of a table that has these cells; later runs stand below earlier ones. */
export function findRow(
  tables: ReadonlyMap<string, readonly Row[]>,
  table: string,
  cells: Readonly<Record<string, string>>,
): Row {
  const found = tables
    .get(table)
    ?.findLast((row) => Object.entries(cells).every(([title, value]) => row[title] === value));
  if (found === undefined) throw new Error(`The table '${table}' has no row ${JSON.stringify(cells)}.`);
  return found;
}

/** The number of a cell such as `16,079 B`. */
export function numberOf(cell: string | undefined): number {
  const value = Number.parseFloat((cell ?? '').replaceAll(',', ''));
  if (Number.isNaN(value)) throw new Error(`'${cell}' is no number.`);
  return value;
}
