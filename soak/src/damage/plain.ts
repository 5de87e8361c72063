// Reads damaged stores with SQLite alone (nothing of Switchyard): anything it reads wrongly without an
// error is damage that SQLite cannot detect. Runs in its own process, because damage may crash the extension.
import { openPlain, type PlainDatabase } from '../harness/plain-sqlite.js';
import { serveTasks } from '../harness/task-server.js';
import { digest } from './answers.js';
import { plainAnswer } from './plain-answers.js';
import type { PlainReading, PlainTask } from './types.js';

serveTasks<PlainTask>(async (task, context) => {
  await context.step('read');
  await context.result('reading', read(task));
});

function read({ kind, file, questions }: PlainTask): PlainReading {
  let database: PlainDatabase | undefined;
  try {
    database = openPlain(file);
    const db = database;
    const objects = readObjects(db);
    return {
      answers: questions.map((question) => attempt(() => plainAnswer(db, kind, question))),
      objects,
      integrity: isIntact(db),
      rows: hasIntactRows(db),
    };
  } catch (error) {
    return {
      answers: questions.map(() => failure(error)),
      objects: { schema: failure(error) },
      integrity: false,
      rows: false,
    };
  } finally {
    database?.close();
  }
}

function failure(error: unknown): string {
  return `error: ${error instanceof Error ? error.message : String(error)}`;
}

function attempt(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return failure(error);
  }
}

/** Digests of the rows of all tables, read through the table and through each index. */
function readObjects(db: PlainDatabase): Record<string, string> {
  const objects: Record<string, string> = {};
  const schema = db
    .prepare(
      `SELECT type, name, tbl_name AS parent, sql FROM sqlite_master WHERE rootpage > 0 ORDER BY type, name`,
    )
    .all() as SchemaObject[];
  objects.schema = digest(JSON.stringify(schema));
  for (const object of schema) {
    objects[`${object.type} ${object.name}`] = String(
      attempt(() => digestRows(db, object.type === 'index' ? throughIndex(db, object) : `"${object.name}"`)),
    );
  }
  return objects;
}

interface SchemaObject {
  readonly type: string;
  readonly name: string;
  readonly parent: string;
  readonly sql: string | null;
}

/**
 * The rest of a SELECT that reads a table in the order of an index. Without that order, SQLite refuses an index that does
 * not contain every column, and damage in it would go unnoticed.
 */
function throughIndex(db: PlainDatabase, { name, parent, sql }: SchemaObject): string {
  const [, terms, where = ''] = /\bON\s+\S+?\s*\((.*)\)\s*(WHERE\b.*)?$/is.exec(sql ?? '') ?? [];
  const order =
    terms ??
    (db.prepare('SELECT name FROM pragma_index_info(?)').pluck().all(name) as string[])
      .map((column) => `"${column}"`)
      .join(', ');
  return `"${parent}" INDEXED BY "${name}" ${where} ORDER BY ${order}`;
}

function digestRows(db: PlainDatabase, source: string): string {
  const parts: unknown[] = [];
  for (const row of db.prepare(`SELECT * FROM ${source}`).raw().iterate() as Iterable<unknown[]>) {
    for (const value of row) parts.push(value instanceof Uint8Array ? digest(value) : value);
  }
  return digest(...parts);
}

function isIntact(db: PlainDatabase): boolean {
  try {
    const rows = db.pragma('integrity_check(1)') as { integrity_check: string }[];
    db.exec(`INSERT INTO documents_fts (documents_fts) VALUES ('integrity-check')`);
    return rows[0]?.integrity_check === 'ok';
  } catch {
    return false;
  }
}

/** Runs the engine's check on all tables except the derived ones of full-text search. */
function hasIntactRows(db: PlainDatabase): boolean {
  try {
    const tables = db
      .prepare(
        `SELECT name FROM sqlite_master
         WHERE type = 'table' AND rootpage > 0 AND name NOT LIKE 'documents\\_fts%' ESCAPE '\\'`,
      )
      .pluck()
      .all();
    const check = db.prepare('SELECT integrity_check FROM pragma_integrity_check(?)').pluck();
    return tables.every((table) => check.all(table)[0] === 'ok');
  } catch {
    return false;
  }
}
