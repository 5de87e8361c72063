/** Meaning of an error code, for people. The reference page is checked against this table. */
export interface ErrorCodeInfo {
  /** Description of the failure, in one sentence. */
  readonly meaning: string;
  /** Recommended action, in one sentence. */
  readonly action: string;
  /** True if repeating the same call later may succeed. */
  readonly retryable: boolean;
}

/**
 * Every code that a {@link StorageError} can carry. Codes are stable: they are never renamed or reused.
 *
 * @example
 * ```ts
 * console.log(errorCodes.STORAGE_BUSY.action);
 * ```
 */
export const errorCodes = {
  STORAGE_BUSY: {
    meaning: 'Another connection or process held the store for longer than the busy timeout.',
    action: 'Try again when the other process is done; raise busyTimeoutMs if its writes take long.',
    retryable: true,
  },
  STORAGE_TIMEOUT: {
    meaning: 'The deadline of the call passed before it was finished.',
    action: 'Allow more time and try again. A write whose `outcome` is unknown may have been applied.',
    retryable: true,
  },
  STORAGE_UNREACHABLE: {
    meaning: 'The server did not accept the connection, or closed it early.',
    action: 'Check the address and the network, and that the server is running; then try again.',
    retryable: true,
  },
  STORAGE_CRASHED: {
    meaning:
      'The process in which the backend ran ended in the middle of the call: an abort, a crash, or a kill.',
    action:
      'Try again: a new process starts automatically. If it was a write, check `outcome` first; if the same call fails each time, report it.',
    retryable: true,
  },
  STORAGE_UNAUTHORIZED: {
    meaning: 'The server rejected the token, or requires one and received none.',
    action: 'Set a valid token in LIBSQL_AUTH_TOKEN or in the connection string.',
    retryable: false,
  },
  STORAGE_CORRUPT: {
    meaning: 'The database file is damaged.',
    action: 'Stop writing, keep a copy of the file, and restore a backup or copy what is readable.',
    retryable: false,
  },
  STORAGE_DISK_FULL: {
    meaning: 'The disk (or the quota of the server) has no room for the write.',
    action: 'Free space and try again.',
    retryable: false,
  },
  STORAGE_FILE_REPLACED: {
    meaning: 'The file of the store was deleted, moved or replaced while it was open.',
    action: 'Close the store and open it again.',
    retryable: false,
  },
  STORAGE_TOO_MANY_FILES: {
    meaning: 'The process or the system has reached its limit of open files or processes.',
    action: 'Close unused stores, or raise the limit (`ulimit -n`), and try again.',
    retryable: true,
  },
  STORAGE_PERMISSION_DENIED: {
    meaning: 'The file or folder cannot be opened or written by this user.',
    action: 'Check the owner and the permissions of the file and of its folder.',
    retryable: false,
  },
  STORAGE_CONSTRAINT: {
    meaning: 'The write contradicts what is stored, such as an id that belongs to another row.',
    action: 'Resolve the conflict that the message describes and try again.',
    retryable: false,
  },
  STORAGE_NOT_FOUND: {
    meaning: 'The store, library, version or page that the call names does not exist.',
    action: 'Check the path, name or id in the message.',
    retryable: false,
  },
  STORAGE_TOO_LARGE: {
    meaning: 'A value or a result is larger than the backend supports.',
    action: 'Use smaller chunks, or fewer of them per call.',
    retryable: false,
  },
  STORAGE_DIMENSION_MISMATCH: {
    meaning:
      'A vector does not have the dimension of the store, or the dimension of the store is below that of the model.',
    action:
      'Use the embedding model of the store, or reset the profile and embed again; declare a Matryoshka model `truncatable`.',
    retryable: false,
  },
  STORAGE_INVALID_VECTOR: {
    meaning: 'A vector is empty or has a component that is not finite.',
    action: 'Fix the embedder: every component of a vector must be finite.',
    retryable: false,
  },
  STORAGE_MODEL_CHANGED: {
    meaning:
      'The store was embedded with another model, dimension or metric than requested, or its model was changed while it was open.',
    action:
      "Open it with its own model, re-embed it with the new one (`switchyard reembed STORE --embedder EMBEDDER`), or drop all vectors (onModelChange: 'reset').",
    retryable: false,
  },
  STORAGE_STAGING_CONFLICT: {
    meaning: 'The store is being re-embedded with another model, dimension or metric than requested.',
    action:
      'Continue with the model in the message, or discard its vectors first (`switchyard reembed STORE --abort`).',
    retryable: false,
  },
  STORAGE_STAGING_MISSING: {
    meaning: 'The store is not being re-embedded: it was not begun, was aborted, or is finished.',
    action: 'Call staging.begin() first; if another process finished or aborted the work, start over.',
    retryable: false,
  },
  STORAGE_STAGING_INCOMPLETE: {
    meaning: 'Some chunks have no vector of the new model yet, so it cannot replace the old one.',
    action: 'Stage vectors for the chunks that staging.missing() returns, then commit again.',
    retryable: false,
  },
  STORAGE_PROFILE_MISSING: {
    meaning: 'Vectors cannot be written before the store knows their model and dimension.',
    action: 'Call vectors.reconcile() with the embedding profile first.',
    retryable: false,
  },
  STORAGE_SCHEMA_TOO_NEW: {
    meaning: 'The store was written by a newer version of the software.',
    action: 'Upgrade Switchyard.',
    retryable: false,
  },
  STORAGE_SCHEMA_OUTDATED: {
    meaning:
      'The store has an older schema than this software writes, and may not be migrated automatically.',
    action:
      'Run `switchyard migrate STORE`, or open the store with migrate=auto; reading works without a migration.',
    retryable: false,
  },
  STORAGE_SCHEMA_UNSUPPORTED: {
    meaning: 'The file is not a store of this backend: it belongs to another backend, or is not a store.',
    action: 'Pass the path of a store, or open the file with the software that wrote it.',
    retryable: false,
  },
  STORAGE_NOT_SUPPORTED: {
    meaning: 'The backend does not declare the capability that the call requires.',
    action: 'Use a backend that supports it (see its `capabilities`).',
    retryable: false,
  },
  STORAGE_CONTRACT_MISMATCH: {
    meaning: 'The backend implements another version of the storage ports than this software uses.',
    action: 'Install versions of the backend and of @switchyard/storage-core that share a contract version.',
    retryable: false,
  },
  STORAGE_CLOSED: {
    meaning: 'The backend is not open: open() was not called, or close() was.',
    action: 'Call open() first, and make no calls after close().',
    retryable: false,
  },
  STORAGE_ABORTED: {
    meaning: 'The caller aborted the call.',
    action: 'None, if the abort was intended. A write whose `outcome` is unknown may have been applied.',
    retryable: false,
  },
  STORAGE_EPOCH_CHANGED: {
    meaning: 'During a rollout, the library was moved to the other store, or its epoch has changed.',
    action:
      'Read who holds the library and try again there; through the rollout backend this happens automatically.',
    retryable: true,
  },
  STORAGE_MUTATION_SPANS: {
    meaning: 'During a rollout, one write concerns libraries that are held by different stores.',
    action: 'Write each library by a call of its own.',
    retryable: false,
  },
  STORAGE_CONNECTION_STRING: {
    meaning: 'The connection string is invalid.',
    action: 'Correct the connection string; `switchyard help` lists its forms.',
    retryable: false,
  },
  STORAGE_EMBEDDING_FAILED: {
    meaning: 'The embedder failed, or returned something that is not a vector for each text.',
    action: 'Check the model, its endpoint and its credentials.',
    retryable: false,
  },
  STORAGE_RERANK_FAILED: {
    meaning: 'The rerank function of a search failed.',
    action: 'See `cause`; search with `rerank: null` to do without it.',
    retryable: false,
  },
  STORAGE_EMBEDDING_TOO_LARGE: {
    meaning: 'A text is too large for the embedding model, even after it was cut to its first half.',
    action: 'Split the text into smaller chunks.',
    retryable: false,
  },
  STORAGE_INTERNAL: {
    meaning: 'The driver reported an error that Switchyard does not recognize.',
    action: 'Report it as a bug in Switchyard, with the message and its cause.',
    retryable: false,
  },
} as const satisfies Record<string, ErrorCodeInfo>;

/** The stable code of a {@link StorageError}. */
export type StorageErrorCode = keyof typeof errorCodes;
