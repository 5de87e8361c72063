/** What the two backends of the SQLite family share. */
export * from './candidates/gather-candidates.js';
export * from './catalog/references.js';
export * from './catalog/sql-catalog.js';
export * from './driver.js';
export * from './errors/sqlite-error.js';
export * from './fulltext/expression.js';
export * from './fulltext/long-query.js';
export * from './fulltext/match.js';
export * from './mutations/apply-mutations.js';
export * from './mutations/chunk-store.js';
export type { MutationContext } from './mutations/context.js';
export * from './peek/peek.js';
export * from './rows/metadata.js';
export * from './rows/records.js';
export * from './rows/text.js';
export * from './store-file/identify.js';
export * from './store-file/schema-names.js';
export * from './store-file/store-file.js';
