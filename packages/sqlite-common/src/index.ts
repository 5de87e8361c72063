/**
 * Internal to the two backends of the SQLite family, which share it: may change in any release, and is no public API.
 */
export * from './candidates/gather-candidates.js';
export * from './catalog/distinct-texts.js';
export * from './catalog/references.js';
export * from './catalog/sql-catalog.js';
export * from './check/audits.js';
export * from './check/engine.js';
export * from './check/stored-json.js';
export * from './check/stored-text.js';
export * from './detection/detect-store-kind.js';
export { logReaches } from './detection/peek/wal.js';
export * from './driver.js';
export * from './errors/commit.js';
export * from './errors/damage.js';
export * from './errors/sqlite-error.js';
export * from './errors/too-many-files.js';
export * from './fulltext/expression.js';
export * from './fulltext/long-query.js';
export * from './fulltext/match.js';
export * from './legacy-store/dimension.js';
export * from './mutations/apply-mutations.js';
export * from './mutations/chunk-store.js';
export type { MutationContext } from './mutations/context.js';
export * from './rows/decode-rows.js';
export * from './rows/metadata.js';
export * from './rows/records.js';
export * from './rows/text.js';
export * from './rows/text-columns.js';
export * from './staging/sql-staging.js';
export { DROP_STAGED_VECTORS } from './staging/statements.js';
export * from './store-file/check-ids.js';
export * from './store-file/identify.js';
export * from './store-file/open-files.js';
export * from './store-file/real-path.js';
export * from './store-file/replica-files.js';
