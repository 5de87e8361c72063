import Database from 'better-sqlite3';
import * as sqliteVec from 'sqlite-vec';
import { unpack } from './fixtures.js';

/** Runs statements on a file that nobody has open. */
export function change(path: string, ...statements: readonly string[]): string {
  const database = new Database(path);
  sqliteVec.load(database);
  database.unsafeMode(true);
  for (const statement of statements) database.exec(statement);
  database.close();
  return path;
}

const to = (level: number) =>
  `DELETE FROM _schema_migrations WHERE id >= '${String(level + 1).padStart(3, '0')}'`;
const withoutTriggers = ['insert', 'update', 'delete'].map(
  (event) => `DROP TRIGGER documents_vec_after_${event}`,
);

/** The same store at every older level that can be read. */
export const levels: readonly (readonly [level: number, make: () => string])[] = [
  [
    9,
    () => change(unpack('level-11-undici'), to(9), ...withoutTriggers, 'ALTER TABLE pages DROP COLUMN depth'),
  ],
  [10, () => change(unpack('level-11-undici'), to(10), ...withoutTriggers)],
  [11, () => unpack('level-11-undici')],
  [
    12,
    () =>
      change(
        unpack('level-11-undici'),
        'ALTER TABLE pages ADD COLUMN source_content_type TEXT',
        "INSERT INTO _schema_migrations (id) VALUES ('012-add-source-content-type.sql')",
      ),
  ],
  [13, () => unpack('level-13-undici')],
];
