import Database from 'libsql';

interface Column {
  readonly name: string;
  readonly column: string | null;
  readonly table: string | null;
}

/**
 * Columns that may be returned as they are: SQLite itself keeps anything but an integer out of an INTEGER PRIMARY KEY
 * and out of the columns that its own virtual tables compute.
 */
const SAFE = new Set([
  'libraries.id',
  'versions.id',
  'pages.id',
  'documents.id',
  'document_vectors.document_id',
  'vector_codes.id',
  'vector_generations.version_id',
  'neighbour_indexes.version_id',
  'neighbour_entries.id',
  'neighbour_members.document_id',
  'documents_fts_data.id',
  'documents_fts_docsize.id',
  'documents_fts.rowid',
  'documents_vec_chunks.chunk_id',
  'documents_vec_rowids.rowid',
  'switchyard_conversion_problems.number',
  'tokens.doc',
  'json_each.key',
  'json_each.value',
  'pragma_foreign_key_check.rowid',
]);

/**
 * Notes every column that a statement of this process returns straight from a table, where it could be text that is not
 * UTF-8, on which the binding ends the process.
 *
 * @returns What was found so far, as `table.column: statement`.
 */
export function watchBareColumns(): () => readonly string[] {
  const found = new Set<string>();
  const prototype = Database.prototype as { prepare: (this: unknown, sql: string) => Database.Statement };
  const { prepare } = prototype;
  prototype.prepare = function (sql) {
    const statement = prepare.call(this, sql);
    if (!/^\s*PRAGMA\b/i.test(sql)) {
      for (const { column, table } of statement.columns() as unknown as Column[]) {
        if (column !== null && !SAFE.has(`${table}.${column}`)) found.add(`${table}.${column}: ${sql}`);
      }
    }
    return statement;
  };
  return () => [...found];
}
