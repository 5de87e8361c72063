/** The legacy backend: better-sqlite3 and sqlite-vec. */
export { SqliteVecBackend, type SqliteVecOptions } from './backend.js';
export { sqliteVecBackend } from './definition.js';
export type { MigratePolicy } from './store/session.js';
