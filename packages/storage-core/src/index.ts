/**
 * Storage for documentation search, for applications: `DocumentStore`, embedders, errors, connection strings, and jobs
 * over whole stores. Authors of backends find the ports and their helpers in `@switchyard/storage-core/backend`.
 */
export { type CheckStoreOptions, checkStore, repairStore } from './check/check-store.js';
export type { AuthToken, TokenFunction } from './connection/auth-token.js';
export type { Connection, Credentials, Location } from './connection/connection.js';
export type { KnownBackend } from './connection/connection-form.js';
export type { CreateOptions } from './connection/definition.js';
export { type ParseOptions, parseConnectionString } from './connection/parse.js';
export { Secret } from './connection/secret.js';
export { type CopyOptions, type CopyProgress, type CopyResult, copyStore } from './copy/copy-store.js';
export {
  type CacheEvent,
  type DiagnosticsEvents,
  diagnosticsChannels,
  type RetryEvent,
  type SearchEvent,
  type WriteEvent,
} from './diagnostics/channels.js';
export type { AddProgress, OnTooLarge, PageSource } from './document-store/add-pages.js';
export { DocumentReader } from './document-store/document-reader.js';
export { DocumentStore } from './document-store/document-store.js';
export { DocumentWriter } from './document-store/document-writer.js';
export type { DocumentStoreOptions, ModelChangePolicy } from './document-store/open-options.js';
export type { QueryLogOptions } from './document-store/query-log.js';
export type { Rerank, RerankedHit } from './document-store/rerank.js';
export type { ResetVectorsOptions, VectorReset } from './document-store/reset-vectors.js';
export type { VersionName } from './document-store/search-documents.js';
export type {
  AddedPage,
  Chunk,
  ChunkContext,
  ChunkReadOptions,
  ClearedStore,
  DeletedPages,
  LibrarySummary,
  PageDocument,
  RemovedLibrary,
  RemovedVersion,
  SearchHit,
  SearchOptions,
  StoredScraperOptions,
  VersionSummary,
} from './document-store/types.js';
export { type EmbedQueryOptions, embedQueries, embedQuery } from './embedding/embed-query.js';
export { type EmbeddingInput, embedTexts } from './embedding/embed-texts.js';
export { defaultEmbedderLimits, type Embedder, type EmbedderLimits } from './embedding/embedder.js';
export { embeddingText } from './embedding/embedding-text.js';
export { type FitVectorOptions, fitVector } from './embedding/fit-vector.js';
export { knownDimension } from './embedding/known-models.js';
export { type DimensionSources, resolveDimension } from './embedding/resolve-dimension.js';
export { isTextTooLarge } from './embedding/text-too-large.js';
export { type ErrorCodeInfo, errorCodes, type StorageErrorCode } from './errors/codes.js';
export {
  isStorageError,
  type SerializedStorageError,
  StorageError,
  type StorageErrorOptions,
  type WriteOutcome,
} from './errors/storage-error.js';
export type {
  BackendReport,
  FtsCacheReport,
  ReplicationReport,
  StorageBackend,
  VectorCacheReport,
} from './ports/backend.js';
export { type CallOptions, deadlineIn } from './ports/call-options.js';
export type { Capabilities, FtsRanking, SearchMode } from './ports/capabilities.js';
export type { ContextOptions } from './ports/catalog.js';
export type { FtsWeights } from './ports/fts-index.js';
export type {
  MigrateOptions,
  MigrationPlan,
  MigrationResult,
  MigrationStatus,
  MigrationStep,
} from './ports/migrator.js';
export type {
  CheckReport,
  CheckScope,
  Damage,
  DamageCode,
  MaintenanceOptions,
  MaintenanceProgress,
  ReclaimReport,
  RepairReport,
} from './ports/store-maintenance.js';
export type { ReconcilePolicy } from './ports/vector-index.js';
export { type ReembedOptions, type ReembedProgress, type ReembedResult, reembed } from './reembed/reembed.js';
export type { FusionOptions, FusionPreset, FusionRule } from './search/fusion.js';
export { parseSearchText } from './search/search-text.js';
export { type SnippetOptions, snippet } from './search/snippet.js';
export type { ChunkFilter } from './values/chunk-filter.js';
export { compareVersionsNewestFirst } from './values/compare-versions.js';
export type { ChunkId, LibraryId, LibraryRef, PageId, PageRef, VersionId, VersionRef } from './values/ids.js';
export type { JsonObject, JsonValue } from './values/json.js';
export type {
  ChunkInput,
  ClearStore,
  DeletePage,
  DeletePages,
  IfMissing,
  Mutation,
  MutationKind,
  MutationResult,
  PageInput,
  PutLibrary,
  PutVersion,
  RemoveLibrary,
  RemoveVersion,
  ReplacePage,
  ResolveVersion,
  SetScraperOptions,
  SetVersionProgress,
  SetVersionStatus,
} from './values/mutations.js';
export type { PageFilter } from './values/page-filter.js';
export type { EmbeddingProfile, Metric } from './values/profile.js';
export {
  type ChunkMetadata,
  type ChunkRecord,
  type LibraryRecord,
  type PageRecord,
  type Timestamp,
  toIsoTimestamp,
  type VersionOverview,
  type VersionRecord,
  type VersionStatus,
  versionStatuses,
} from './values/records.js';
export {
  type DigestedVersion,
  type DigestOptions,
  digestStore,
  type StoreDigest,
} from './verify/digest-store.js';
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
