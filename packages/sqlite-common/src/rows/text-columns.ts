/**
 * SELECT items for text columns. SQLite stores any bytes it is given as text: older software, and damage, leave bytes
 * that are not UTF-8. The `libsql` binding aborts the process on them, and a server cuts its response short. Text is
 * therefore selected as a blob, under a column name that encodes its source, and decoded by {@link decodeRows}.
 */

/** Source of a text, for error messages. */
export interface TextSource {
  readonly table: string;
  readonly column: string;
  /** Result column that contains the id of the row; null if there is none. */
  readonly idColumn: string | null;
}

/** Name of a text column in the result, and the result column that identifies its row. */
export interface TextColumnOptions {
  /** Default: the name of the column. */
  readonly as?: string | undefined;
  /** Default: `id`. */
  readonly idColumn?: string | undefined;
}

/**
 * Selects a text column of a table, as an item of a SELECT list.
 *
 * @example
 * `SELECT libraries.id, ${text('libraries.name')} FROM libraries`
 */
export function text(column: `${string}.${string}`, { as, idColumn = 'id' }: TextColumnOptions = {}): string {
  return textOf(column, as ?? lastPart(column), column, idColumn);
}

/**
 * Selects a text expression, as an item of a SELECT list.
 *
 * @param source Table and column that the text comes from, for error messages.
 */
export function textOf(
  expression: string,
  as: string,
  source: `${string}.${string}`,
  idColumn: string | null = null,
): string {
  return `CAST(${expression} AS BLOB) AS "${as}@${source}${idColumn === null ? '' : `#${idColumn}`}"`;
}

/** SELECT item of a blob column; any stored value is returned as bytes. */
export function bytes(column: string, as = lastPart(column)): string {
  return `CAST(${column} AS BLOB) AS ${as}`;
}

/** SELECT item of an integer column; any stored value is returned as a number or null. */
export function integer(column: string, as = lastPart(column)): string {
  return `CAST(${column} AS INTEGER) AS ${as}`;
}

/** Name and source of a result column that {@link text} or {@link textOf} made; null for any other column. */
export function parseTextColumn(name: string): { readonly name: string; readonly source: TextSource } | null {
  const at = name.indexOf('@');
  if (at === -1) return null;
  const [source = '', idColumn = null] = name.slice(at + 1).split('#');
  const dot = source.indexOf('.');
  return {
    name: name.slice(0, at),
    source: { table: source.slice(0, dot), column: source.slice(dot + 1), idColumn },
  };
}

function lastPart(column: string): string {
  return column.slice(column.lastIndexOf('.') + 1);
}
