/**
 * For authors of backends: the ports, `BackendBase`, and the checks and rules that every backend shares. Names that
 * applications also use, such as `StorageBackend`, records and `StorageError`, are in `@switchyard/storage-core`.
 */

export {
  changeLogOver,
  type LogRunner,
  type LogSchema,
  type LogTransaction,
} from './change-log/change-log-over.js';
export {
  type ChangedKey,
  type ChangeLogRecords,
  type LogEntry,
  type LogLibrary,
  type LogStore,
  UNKNOWN_LIBRARY,
} from './change-log/log-records.js';
export { isLoggedWrite, loggedWrite, unawareWrite } from './change-log/logged-write.js';
export { isAfter, isSamePosition, laterOf, ORIGIN } from './change-log/positions.js';
export { ID_GAP, idOfRow, OLD_SIDE_IDS } from './change-log/rows.js';
export { beginTerms, voidMarkers } from './change-log/terms.js';
export { type DamageFound, DamageList } from './check/damage-list.js';
export { requireSoundRows } from './check/sound-rows.js';
export { type MaintenanceStep, runSteps } from './check/steps.js';
export { TokenSource } from './connection/auth-token.js';
export { secretsOf } from './connection/connection.js';
export type {
  BackendDefinition,
  MemoryScheme,
  OptionDefinition,
  PathScheme,
  SchemeDefinition,
  ServerScheme,
} from './connection/definition.js';
export { shownUrl } from './connection/shown.js';
export { toMutation } from './copy/copy-store.js';
export {
  type DuplicateName,
  describeDuplicateName,
  findDuplicateNames,
  requireDistinctNames,
} from './copy/distinct-names.js';
export { publish } from './diagnostics/channels.js';
export { writeGroups } from './document-store/write-groups.js';
export type { AnnIndexEstimate, AnnIndexes } from './ports/ann-indexes.js';
export type { ResultsOf } from './ports/backend.js';
export type { CandidateRequest, Candidates } from './ports/candidates.js';
export type { CapabilityFlag } from './ports/capabilities.js';
export type { Catalog, PageRange, Relatives, RelativesRequest, SnapshotRequest } from './ports/catalog.js';
export * from './ports/change-log.js';
export { CONTRACT_VERSION, type ContractVersion } from './ports/contract-version.js';
export { defaultFtsWeights, type FtsHit, type FtsIndex, type FtsQuery } from './ports/fts-index.js';
export type { LongCalls } from './ports/long-calls.js';
export type { AuditProblem, AuditReport } from './ports/maintenance.js';
export type { Migrator } from './ports/migrator.js';
export type { CheckRequest, StoreMaintenance } from './ports/store-maintenance.js';
export type {
  ProfileRequest,
  ReconcileResult,
  VectorHit,
  VectorIndex,
  VectorQuery,
  VectorStats,
  VectorsQuery,
} from './ports/vector-index.js';
export type {
  MissingRequest,
  StagedVector,
  StageRequest,
  StagingResult,
  StagingStatus,
  UnstagedChunk,
  VectorStaging,
} from './ports/vector-staging.js';
export { requireStaging } from './reembed/reembed.js';
export { withoutFts, withoutVectors } from './runtime/absent-ports.js';
export { BackendBase, type CallRunner } from './runtime/backend-base.js';
export {
  hasCapability,
  rankAlike,
  rankingOf,
  requireBulkDeletion,
  requireCapability,
  requireFilters,
  requireSearchMode,
} from './runtime/capability-guard.js';
export { catalogOver, type RowsReader, relativesIn, singleLevelMigrator } from './runtime/catalog-over.js';
export {
  type CatalogRows,
  type CatalogTables,
  type ChunkRow,
  changedVersion,
  chunksIn,
  copyTables,
  countRows,
  findLibraryIn,
  findPageIn,
  findVersionIn,
  inPageOrder,
  newVersion,
  pagesIn,
  toChunkRecord,
  toPageRow,
  toPageSnapshot,
} from './runtime/catalog-rows.js';
export { checkCapabilities } from './runtime/check-capabilities.js';
export { checkJson } from './runtime/check-metadata.js';
export { requireContract } from './runtime/contract-guard.js';
export { checkCall, withinCall } from './runtime/deadline.js';
export { distance } from './runtime/distance.js';
export { nextTurn } from './runtime/event-loop.js';
export { lastKey } from './runtime/key-order.js';
export { onAbort } from './runtime/on-abort.js';
export {
  checkProfileRequest,
  compareProfiles,
  completeProfile,
  modelChanged,
  type ProfileFit,
  requireModel,
  requireModels,
} from './runtime/profile-checks.js';
export { planReconcile, type ReconcilePlan, wantedProfile } from './runtime/reconcile.js';
export { type BackoffOptions, backoff, type RetryOptions, retryTransient } from './runtime/retry.js';
export { schemaOutdated } from './runtime/schema-checks.js';
export {
  checkMissingRequest,
  checkStageRequest,
  requireComplete,
  requireStaged,
} from './runtime/staging-checks.js';
export {
  checkCandidateRequest,
  checkContext,
  checkFtsQuery,
  checkId,
  checkLimit,
  checkMutation,
  checkRelativesRequest,
  checkVector,
  checkVectorQuery,
  normalizeLibraryRef,
  normalizePageRef,
  normalizeVersionRef,
} from './runtime/validate.js';
export { checkMutations, hasAssignedIds } from './runtime/write-checks.js';
export { type FusedHit, fuse, fusionPresets, RRF_K, resolveFusion } from './search/fusion.js';
export { mergeFtsHits, mergeVectorHits } from './search/merge.js';
export { stem } from './search/stem.js';
export { type NormalFilter, normalizeFilter, passesFilter } from './values/chunk-filter.js';
export type { MutationResults, ResultOf } from './values/mutations.js';
export { normalizeLibraryName, normalizeVersionName } from './values/names.js';
export { type NormalPageFilter, normalizePageFilter, passesPageFilter } from './values/page-filter.js';
export {
  type ChunkSnapshot,
  isStructural,
  type PageSnapshot,
  STRUCTURAL_TYPE,
  sqlTimestamp,
} from './values/records.js';
export { type OutlineEntry, type RelativeIds, selectRelatives } from './values/relatives.js';
export {
  compareText,
  escapeNul,
  type KeyPart,
  orderedKey,
  readOrderedKey,
  unescapeNul,
} from './values/text-order.js';
export { isWellFormed, toWellFormed, wellFormed } from './values/well-formed.js';
