/**
 * The ports of Switchyard and what stands on them: values, errors, connection strings, hybrid search and
 * `DocumentStore`. No driver, no SQL, no dependency.
 */
export { type CheckStoreOptions, checkStore, repairStore } from './check/check-store.js';
export { DamageList } from './check/damage-list.js';
export * from './check/sound-rows.js';
export * from './check/steps.js';
export * from './connection/auth-token.js';
export * from './connection/connection.js';
export * from './connection/definition.js';
export * from './connection/parse.js';
export * from './connection/secret.js';
export { shownUrl } from './connection/shown.js';
export * from './copy/copy-store.js';
export * from './copy/distinct-names.js';
export type { AddProgress, OnTooLarge, PageSource } from './document-store/add-pages.js';
export * from './document-store/document-store.js';
export * from './document-store/open-options.js';
export * from './document-store/types.js';
export * from './embedding/embedder.js';
export * from './embedding/embedding-text.js';
export * from './embedding/known-models.js';
export * from './errors/codes.js';
export * from './errors/storage-error.js';
export * from './ports/backend.js';
export * from './ports/call-options.js';
export * from './ports/candidates.js';
export * from './ports/capabilities.js';
export * from './ports/catalog.js';
export * from './ports/fts-index.js';
export * from './ports/maintenance.js';
export * from './ports/migrator.js';
export * from './ports/neighbour-index.js';
export * from './ports/store-maintenance.js';
export * from './ports/vector-index.js';
export * from './ports/vector-staging.js';
export * from './reembed/reembed.js';
export * from './runtime/backend-base.js';
export * from './runtime/capability-guard.js';
export * from './runtime/check-metadata.js';
export * from './runtime/deadline.js';
export * from './runtime/distance.js';
export { nextTurn, turnWhenDue } from './runtime/event-loop.js';
export * from './runtime/on-abort.js';
export * from './runtime/profile-checks.js';
export * from './runtime/schema-checks.js';
export * from './runtime/staging-checks.js';
export * from './runtime/validate.js';
export * from './search/fusion.js';
export * from './search/search-text.js';
export * from './values/compare-versions.js';
export * from './values/ids.js';
export * from './values/json.js';
export * from './values/mutations.js';
export * from './values/names.js';
export * from './values/profile.js';
export * from './values/records.js';
export * from './values/relatives.js';
export * from './values/well-formed.js';
export type {
  DifferenceKind,
  StoreDifference,
  VerifiedVersion,
  VerifyOptions,
  VerifyProgress,
  VerifyResult,
  VersionTotals,
} from './verify/types.js';
export { verifyStores } from './verify/verify-stores.js';
