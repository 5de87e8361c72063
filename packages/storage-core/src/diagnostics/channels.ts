import { type Channel, channel } from 'node:diagnostics_channel';
import type { SearchMode } from '../ports/capabilities.js';
import type { MutationKind } from '../values/mutations.js';

/** A search of `DocumentStore` that ended. Contains neither the text of the query nor anything of a document. */
export interface SearchEvent {
  /** Name of the backend, such as `libsql`. */
  readonly backend: string;
  /** `hybrid` with a query vector, else `fts`. */
  readonly kind: 'hybrid' | 'fts';
  /** Vector search method; absent in a full-text search. */
  readonly mode?: SearchMode | undefined;
  /** Number of versions that were searched. */
  readonly versions: number;
  /** Maximum number of hits that was requested. */
  readonly limit: number;
  /** Number of hits; 0 after a failure. */
  readonly hits: number;
  /** Duration in milliseconds, with embedding the query. */
  readonly durationMs: number;
  /** Code or name of the error; absent after a success. */
  readonly error?: string | undefined;
}

/** A write of `DocumentStore` that ended: one call of `apply`. Contains neither URLs nor anything of a document. */
export interface WriteEvent {
  /** Name of the backend, such as `libsql`. */
  readonly backend: string;
  /** Kinds of the mutations, each once. */
  readonly kinds: readonly MutationKind[];
  /** Number of mutations. */
  readonly mutations: number;
  /** Number of chunks written. */
  readonly chunks: number;
  /** Duration in milliseconds, without embedding. */
  readonly durationMs: number;
  /** Code or name of the error; absent after a success. */
  readonly error?: string | undefined;
}

/** A change of a cache of a backend, in the process that has the cache. */
export interface CacheEvent {
  /** Name of the backend, such as `libsql`. */
  readonly backend: string;
  /** Cache for vector search or for full-text search. */
  readonly cache: 'vectors' | 'fts';
  /**
   * `load`: something was read into the cache. `update`: a cached version followed later writes. `evict`: something was
   * dropped to stay within the limit. `refuse`: a search bypassed the cache. `reset`: the cache was emptied because the
   * index had changed.
   */
  readonly event: 'load' | 'update' | 'evict' | 'refuse' | 'reset';
  /** Size of the cache in bytes afterwards. */
  readonly bytes: number;
}

/** A failure that a backend handled, in a child process or by repeating a transaction. */
export interface RetryEvent {
  /** Name of the backend, such as `libsql`. */
  readonly backend: string;
  /** `crashed`: the child ended by itself. `killed`: it was stuck in a call. `retry`: a call is repeated. */
  readonly kind: 'crashed' | 'killed' | 'retry';
  /** Process id of the child; null if it never started, and without one. */
  readonly pid: number | null;
  /** Port methods that were running, or the one being repeated. */
  readonly methods: readonly string[];
}

/** Payloads by channel name. */
export interface DiagnosticsEvents {
  'switchyard:search': SearchEvent;
  'switchyard:write': WriteEvent;
  'switchyard:cache': CacheEvent;
  'switchyard:retry': RetryEvent;
}

/**
 * Names of the channels of `node:diagnostics_channel` that Switchyard publishes to.
 *
 * @example
 * ```ts
 * const { subscribe } = await import('node:diagnostics_channel');
 * subscribe(diagnosticsChannels.search, (event) => console.log((event as SearchEvent).durationMs));
 * ```
 */
export const diagnosticsChannels = {
  search: 'switchyard:search',
  write: 'switchyard:write',
  cache: 'switchyard:cache',
  retry: 'switchyard:retry',
} as const satisfies Record<string, keyof DiagnosticsEvents>;

// Kept, since a channel without subscribers may otherwise be collected and created again.
const channels = new Map<string, Channel>(
  Object.values(diagnosticsChannels).map((name) => [name, channel(name)]),
);

/**
 * Publishes an event to its subscribers; does nothing without any. A subscriber that throws does not affect the caller.
 *
 * @param event Creates the event; called only if there are subscribers.
 *
 * @example
 * ```ts
 * publish('switchyard:cache', () => ({ backend: 'shelf', cache: 'fts', event: 'reset', bytes: 0 }));
 * ```
 */
export function publish<N extends keyof DiagnosticsEvents>(name: N, event: () => DiagnosticsEvents[N]): void {
  const target = channels.get(name);
  if (target?.hasSubscribers === true) target.publish(event());
}
