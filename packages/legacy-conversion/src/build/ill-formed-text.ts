import {
  bytes,
  CATALOG_TEXTS,
  decodeLenient,
  decodeUtf8,
  distinctTexts,
  type SqliteDriver,
  type StoredText,
} from '@switchyard/sqlite-common';
import { lastKey } from '@switchyard/storage-core/backend';
import type { ConversionProblem, ProblemSink } from '../problems.js';
import { quoteName } from '../quote.js';

/** A table with texts to copy. */
type Table = keyof typeof CATALOG_TEXTS;

/** Column that distinguishes a row from its siblings, and the parent that they share. */
const NAMES: Readonly<Partial<Record<Table, { readonly column: string; readonly parent: string | null }>>> = {
  libraries: { column: 'name', parent: null },
  versions: { column: 'name', parent: 'library_id' },
  pages: { column: 'url', parent: 'version_id' },
};

/** Rows of a legacy store with existing parents; others are omitted. */
const REACHABLE: Readonly<Record<Table, string>> = {
  libraries: '',
  versions: ' AND library_id IN (SELECT id FROM legacy.libraries)',
  pages: ` AND version_id IN (
      SELECT versions.id FROM legacy.versions JOIN legacy.libraries ON libraries.id = versions."library_id"
    )`,
  documents: ` AND page_id IN (
      SELECT pages.id
      FROM legacy.pages
      JOIN legacy.versions ON versions.id = pages.version_id
      JOIN legacy.libraries ON libraries.id = versions."library_id"
    )`,
};

/** Rows read at once, with some megabytes of text. */
const AT_ONCE = 500;

interface IllFormed {
  readonly id: number;
  readonly column: string;
  readonly text: string;
  /** True if the text got a number, because another row has it. */
  readonly isNumbered: boolean;
}

/** Replaces ill-formed text in the new store, except in its chunks. */
export function replaceInCatalog(driver: SqliteDriver, problem: ProblemSink): void {
  for (const table of ['libraries', 'versions', 'pages'] as const) {
    for (const found of findIllFormed(driver, 'main', table, CATALOG_TEXTS[table], [
      0,
      Number.MAX_SAFE_INTEGER,
    ])) {
      replace(driver, table, found);
      problem(toProblem(table, found));
    }
  }
}

/** Replaces ill-formed text in the chunks of the new store whose ids are in a range. */
export function replaceInChunks(driver: SqliteDriver, from: number, to: number, problem: ProblemSink): void {
  for (const found of findIllFormed(driver, 'main', 'documents', CATALOG_TEXTS.documents, [from - 1, to])) {
    replace(driver, 'documents', found);
    problem(toProblem('documents', found));
  }
}

/** Reports ill-formed text of an attached legacy store that a conversion would replace. */
export function findIllFormedText(driver: SqliteDriver, problem: ProblemSink): void {
  for (const table of ['libraries', 'versions', 'pages', 'documents'] as const) {
    const columns = CATALOG_TEXTS[table].filter((column) => hasColumn(driver, table, column));
    for (const found of findIllFormed(driver, 'legacy', table, columns, [0, Number.MAX_SAFE_INTEGER]))
      problem(toProblem(table, found));
  }
}

function hasColumn(driver: SqliteDriver, table: Table, column: string): boolean {
  const sql = `SELECT 1 AS found FROM pragma_table_info(?1, 'legacy') WHERE name = ?2`;
  return driver.first(sql, [table, column]) !== undefined;
}

/** @param range Ids after the first and up to the second. */
function* findIllFormed(
  driver: SqliteDriver,
  schema: 'main' | 'legacy',
  table: Table,
  columns: readonly string[],
  range: readonly [after: number, to: number],
): Generator<IllFormed> {
  const names = new NumberedNames(driver, schema, table);
  const statement = `
    SELECT id, ${columns.map((column) => bytes(quoteName(column), quoteName(column))).join(', ')}
    FROM ${schema}.${table}
    WHERE id > ?1 AND id <= ?2${schema === 'legacy' ? REACHABLE[table] : ''}
    ORDER BY id
    LIMIT ${AT_ONCE}`;
  const [after, to] = range;
  for (let last = after; ; ) {
    const rows = driver.all<{ id: number } & Record<string, Uint8Array | null>>(statement, [last, to]);
    for (const row of rows) {
      for (const column of columns) {
        const stored = row[column] ?? null;
        if (stored === null || decodeUtf8(stored) !== null) continue;
        const text = decodeLenient(stored);
        const distinct = names.of(row.id, column) ?? text;
        yield {
          id: row.id,
          column,
          text: distinct,
          isNumbered: distinct !== text && distinct !== text.toLowerCase(),
        };
      }
    }
    const end = lastKey(
      rows.map(({ id }) => id),
      last,
      table,
    );
    if (end === null || rows.length < AT_ONCE) return;
    last = end;
  }
}

/** Names and URLs that must differ from those of their siblings. */
class NumberedNames {
  readonly #driver: SqliteDriver;
  readonly #schema: string;
  readonly #table: Table;
  #texts: ReadonlyMap<number, string> | undefined;

  constructor(driver: SqliteDriver, schema: 'main' | 'legacy', table: Table) {
    this.#driver = driver;
    this.#schema = schema;
    this.#table = table;
  }

  of(id: number, column: string): string | undefined {
    if (NAMES[this.#table]?.column !== column) return undefined;
    // Before the first change, because the new text of a row depends on all of them.
    this.#texts ??= this.#read();
    return this.#texts.get(id);
  }

  #read(): ReadonlyMap<number, string> {
    const { column, parent } = NAMES[this.#table] as NonNullable<(typeof NAMES)[Table]>;
    const rows = this.#driver.all<{ id: number; parent: number; stored: Uint8Array | null }>(`
      SELECT id, ${parent === null ? '0' : `CAST(${parent} AS INTEGER)`} AS parent, ${bytes(column, 'stored')}
      FROM ${this.#schema}.${this.#table}`);
    const siblings = new Map<number, StoredText[]>();
    for (const { id, parent: owner, stored } of rows) {
      const value = stored ?? new Uint8Array(0);
      const sound = decodeUtf8(value);
      const text = sound ?? decodeLenient(value);
      const entry = { id, text: column === 'name' ? text.toLowerCase() : text, isReplaced: sound === null };
      const list = siblings.get(owner);
      if (list === undefined) siblings.set(owner, [entry]);
      else list.push(entry);
    }
    return new Map([...siblings.values()].flatMap((list) => [...distinctTexts(list)]));
  }
}

function replace(driver: SqliteDriver, table: Table, { id, column, text }: IllFormed): void {
  driver.run(`UPDATE main.${table} SET ${quoteName(column)} = ?2 WHERE id = ?1`, [id, text]);
}

function toProblem(table: Table, { id, column, text, isNumbered }: IllFormed): ConversionProblem {
  const numbered = isNumbered
    ? ` Another row then has the same text, so this one is renamed to ${JSON.stringify(text)}.`
    : '';
  return {
    kind: isNumbered ? 'text-numbered' : 'text-ill-formed',
    table,
    id,
    column,
    detail: `The ${column} is not well-formed UTF-8: each ill-formed part becomes U+FFFD.${numbered}`,
  };
}
