import Database from 'libsql';
import { vi } from 'vitest';

/**
 * Records the statements that any connection of this process runs, in order. Call it before the store is opened: it hooks
 * into the binding where statements are prepared. Undone by `vi.restoreAllMocks()`.
 */
export function recordStatements(): string[] {
  const statements: string[] = [];
  const { prepare, exec } = Database.prototype;
  vi.spyOn(Database.prototype, 'exec').mockImplementation(function (this: Database.Database, sql) {
    statements.push(sql.trim());
    return exec.call(this, sql);
  });
  vi.spyOn(Database.prototype, 'prepare').mockImplementation(function (this: Database.Database, sql: string) {
    const statement = prepare.call(this, sql) as Database.Statement;
    for (const method of ['all', 'run'] as const) {
      const original = statement[method].bind(statement) as (...parameters: unknown[]) => unknown;
      Object.assign(statement, {
        [method]: (...parameters: unknown[]) => {
          statements.push(sql.trim());
          return original(...parameters);
        },
      });
    }
    return statement;
  });
  return statements;
}
