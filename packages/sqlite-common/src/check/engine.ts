import type { DamageList } from '@switchyard/storage-core/backend';
import type { SqliteDriver } from '../driver.js';
import { integer, text, textOf } from '../rows/text-columns.js';
import { faultsOfDatabase, faultsOfTable } from './integrity.js';

/** Maximum number of faults listed per check of the engine. */
const FAULTS_MAX = 100;

/** Maximum number of broken references read. */
const REFERENCES_MAX = 1000;

/** Largest database, in bytes, whose indexes a quick check compares with their tables; it takes about a second. */
const QUICK_BYTES_MAX = 256 * 1024 * 1024;

const SIZE = `
  SELECT page_count * page_size AS bytes FROM pragma_page_count, pragma_page_size`;

const roots = (schema: string) => `
  SELECT
    ${text('sqlite_master.name')},
    ${text('sqlite_master.type')},
    ${text('sqlite_master.tbl_name', { as: 'table' })},
    ${integer('rootpage', 'root')}
  FROM ${schema}.sqlite_master
  WHERE rootpage > 0`;

const FOREIGN_KEYS = `
  SELECT
    ${textOf('"table"', 'table', 'sqlite_master.name')},
    "rowid" AS id,
    ${textOf('"parent"', 'parent', 'sqlite_master.name')}
  FROM pragma_foreign_key_check
  LIMIT ${REFERENCES_MAX}`;

/** Rebuildable parts of a damaged database. */
export interface EngineRepair {
  /** Tables rebuilt from others, such as full text, with the name of the repair. */
  readonly derived: (table: string) => string | null;
  /** Name of the repair that rebuilds an index. */
  readonly reindex: string;
}

interface DatabaseObject {
  readonly name: string;
  readonly type: string;
  readonly table: string;
  readonly root: number;
}

const LOST_ADVICE =
  'Keep a copy of the file; then restore a backup, or copy what is readable: switchyard copy STORE NEW --unchecked.';

/** Returns true if the whole check is cheap enough for a quick one. */
export function isSmall(driver: SqliteDriver): boolean {
  return (driver.first<{ bytes: number }>(SIZE)?.bytes ?? 0) <= QUICK_BYTES_MAX;
}

/**
 * Adds the findings of the engine's own check, grouped by index or table.
 *
 * @param thorough Also compares each index with its table.
 */
export function checkEngine(
  driver: SqliteDriver,
  list: DamageList,
  repair: EngineRepair,
  thorough = true,
): void {
  const faults = faultsOfDatabase(driver, thorough);
  if (faults.length === 0) return;
  const objects = driver.all<DatabaseObject>(roots('main'));
  const all = new Set(faults);
  if (thorough && faults.length >= FAULTS_MAX) {
    // The faults of one table may have used up the limit, so check every table on its own.
    for (const { name, type } of objects)
      if (type === 'table') for (const fault of faultsOfTable(driver, name, 'main')) all.add(fault);
  }
  addFaults(list, [...all], objects, repair);
}

/**
 * Adds the findings of the engine's check for single tables and their indexes. Yields after each table.
 *
 * @param isChecked Selects the tables to check.
 * @param schema Schema name of the database that contains them. Default `main`.
 */
export function* checkTables(
  driver: SqliteDriver,
  list: DamageList,
  repair: EngineRepair,
  isChecked: (table: string) => boolean,
  schema = 'main',
): Generator<void, void> {
  const objects = driver.all<DatabaseObject>(roots(schema));
  for (const { name, type } of objects) {
    if (type !== 'table' || !isChecked(name)) continue;
    addFaults(list, faultsOfTable(driver, name, schema), objects, repair);
    yield;
  }
}

function addFaults(
  list: DamageList,
  faults: readonly string[],
  objects: readonly DatabaseObject[],
  repair: EngineRepair,
): void {
  for (const fault of faults) {
    const object = objectOf(fault, objects);
    const how = repairOf(fault, object, repair);
    list.add({
      code: 'engine',
      detail: object === null ? 'The database is damaged.' : `The ${object.type} ${object.name} is damaged.`,
      example: fault,
      repair: how,
      advice: how === null ? LOST_ADVICE : null,
    });
  }
}

/** Finds the index or table of a fault, by its name or the root page of its tree. */
function objectOf(fault: string, objects: readonly DatabaseObject[]): DatabaseObject | null {
  const root = /\btree (\d+)\b/i.exec(fault)?.[1];
  const index = /\bindex ([\w$]+)/.exec(fault)?.[1];
  const fts = /(?:FTS\d table|\bfts5: .*\btable) "?(?:\w+"?\."?)?(\w+)/i.exec(fault)?.[1];
  const column = /\bvalue in (\w+)\./.exec(fault)?.[1];
  if (fts !== undefined) return { name: fts, type: 'table', table: fts, root: 0 };
  if (root !== undefined) return objects.find((object) => object.root === Number(root)) ?? null;
  return objects.find(({ name }) => name === (index ?? column)) ?? null;
}

function repairOf(fault: string, object: DatabaseObject | null, repair: EngineRepair): string | null {
  // Unused pages are lost space, not damage; rebuilding the trees frees them.
  if (object === null) return /never used$/.test(fault) ? repair.reindex : null;
  if (object.type === 'index') return repair.derived(object.table) ?? repair.reindex;
  return repair.derived(object.name);
}

/** Adds rows that reference missing rows. */
export function checkForeignKeys(driver: SqliteDriver, list: DamageList): void {
  for (const { table, id, parent } of driver.all<{ table: string; id: number | null; parent: string }>(
    FOREIGN_KEYS,
  )) {
    list.add({
      code: 'reference',
      detail: `Rows of ${table} refer to rows of ${parent} that do not exist.`,
      example: `${table} ${id}`,
      advice:
        'These rows are unreachable, and their parent rows are lost: index that version again, or restore a backup.',
    });
  }
}
