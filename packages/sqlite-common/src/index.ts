/** What the two backends of the SQLite family share. */
export * from './catalog/references.js';
export * from './catalog/sql-catalog.js';
export * from './driver.js';
export * from './errors/sqlite-error.js';
export * from './peek/peek.js';
export * from './rows/metadata.js';
export * from './rows/records.js';
export * from './rows/text.js';
