/** Internal: shared by the two backends of the SQLite family. Not a public API; may change in any release. */
export * from './candidates/complete-candidates.js';
export * from './candidates/passing-chunks.js';
export * from './catalog/catalog-texts.js';
export * from './catalog/distinct-texts.js';
export * from './catalog/references.js';
export * from './catalog/relatives.js';
export * from './catalog/relatives-sql.js';
export * from './catalog/sql-catalog.js';
export * from './change-log/sql-change-log.js';
export * from './change-log/sql-log-records.js';
export * from './change-log/unlogged-work.js';
export * from './check/audits.js';
export * from './check/engine.js';
export { faultsOfFts } from './check/integrity.js';
export * from './check/stored-json.js';
export * from './check/stored-text.js';
export * from './detection/detect-store-kind.js';
export { logReaches } from './detection/peek/wal.js';
export * from './driver.js';
export * from './errors/before-writing.js';
export * from './errors/commit.js';
export * from './errors/damage.js';
export * from './errors/local-outcome.js';
export * from './errors/sqlite-error.js';
export * from './errors/too-many-files.js';
export * from './fts/long-query.js';
export * from './fts/match.js';
export * from './legacy/connection-strings.js'; // @legacy
export * from './legacy/dimension.js'; // @legacy
export * from './legacy/source-tables.js'; // @legacy
export * from './mutations/apply-mutations.js';
export * from './mutations/chunk-store.js';
export type { IdKind, MutationContext } from './mutations/context.js';
export * from './rows/decode-rows.js';
export * from './rows/metadata.js';
export * from './rows/row-mapping.js';
export * from './rows/text.js';
export * from './rows/text-columns.js';
export * from './staging/sql-staging.js';
export { DROP_STAGED_VECTORS } from './staging/staging-statements.js';
export * from './store-file/check-ids.js';
export * from './store-file/long-calls-for.js';
export * from './store-file/open-files.js';
export * from './store-file/real-path.js';
export * from './store-file/replica-files.js';
export * from './store-file/require-kind.js';
export * from './store-file/store-kind.js';
export * from './store-file/text-encoding.js';
