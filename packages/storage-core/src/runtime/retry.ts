import { setTimeout } from 'node:timers/promises';
import { publish } from '../diagnostics/channels.js';
import { StorageError } from '../errors/storage-error.js';
import type { CallOptions } from '../ports/call-options.js';
import { withinCall } from './deadline.js';

/** Limits of the pauses between attempts. */
export interface BackoffOptions {
  /** Maximum pause before the second attempt, in milliseconds; it doubles for each further one. */
  readonly baseMs: number;
  /** Maximum of all pauses, in milliseconds. */
  readonly maxMs: number;
}

/**
 * Returns the pause before a retry, in milliseconds: exponential, limited, and random in its upper half, so that clients
 * that failed together do not retry together.
 *
 * @param attempt Number of the retry, starting at 1.
 * @param random Returns a number from 0 to below 1. Default `Math.random`.
 *
 * @example
 * ```ts
 * backoff(3, { baseMs: 10, maxMs: 1_000 }); // between 20 and 40
 * ```
 */
export function backoff(
  attempt: number,
  { baseMs, maxMs }: BackoffOptions,
  random: () => number = Math.random,
): number {
  const full = Math.min(maxMs, baseMs * 2 ** (attempt - 1));
  return full / 2 + (random() * full) / 2;
}

/** Settings of {@link retryTransient}. */
export interface RetryOptions {
  /** Name of the backend. */
  readonly backend: string;
  /** Name of the port method, for the diagnostics channel `switchyard:retry`. */
  readonly method: string;
  /**
   * Returns true for errors after which the same work may succeed and nothing of this attempt was applied, such as a
   * serialization failure (SQLSTATE 40001) or a deadlock (40P01). Never for a lost connection: its commit may have arrived.
   */
  readonly isTransient: (error: unknown) => boolean;
  /** Maximum number of attempts, from 1. Default 10. */
  readonly attemptsMax?: number | undefined;
  /** Pauses between them. Default: up to 5 ms at first, up to 500 ms at most. */
  readonly backoff?: BackoffOptions | undefined;
  /** Returns a number from 0 to below 1, for the pauses. Default `Math.random`. */
  readonly random?: (() => number) | undefined;
  /** Waits. Default: a timer. */
  readonly wait?: ((milliseconds: number) => Promise<unknown>) | undefined;
}

const DEFAULT_ATTEMPTS = 10;
const DEFAULT_BACKOFF: BackoffOptions = { baseMs: 5, maxMs: 500 };

/**
 * Repeats a transaction that the engine rolled back because of others: engines that are not SQLite refuse one of two
 * transactions that conflict, and leave it to the client to repeat it. Callers of a backend must not see these errors.
 *
 * @param work Begins, does and commits one transaction, from scratch at each attempt.
 * @param options Options of the call: an abort or the deadline ends the wait.
 * @returns The result of the first attempt that succeeds.
 * @throws The error of the last attempt; StorageError `STORAGE_ABORTED` or `STORAGE_TIMEOUT`, with outcome `not-applied`.
 *
 * @example
 * ```ts
 * const isTransient = (error: unknown) => ['40001', '40P01'].includes((error as { code?: string }).code ?? '');
 * const transaction = async () => 'rows'; // BEGIN ISOLATION LEVEL SERIALIZABLE … COMMIT
 * const rows = await retryTransient(transaction, { backend: 'postgres', method: 'apply', isTransient });
 * ```
 */
export async function retryTransient<T>(
  work: (attempt: number) => T | Promise<T>,
  { backend, method, isTransient, ...settings }: RetryOptions,
  options?: CallOptions,
): Promise<T> {
  const { attemptsMax = DEFAULT_ATTEMPTS, random, wait = (ms) => setTimeout(ms) } = settings;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work(attempt);
    } catch (error) {
      if (attempt >= attemptsMax || !isTransient(error)) throw error;
      const pauseMs = backoff(attempt, settings.backoff ?? DEFAULT_BACKOFF, random);
      if (options?.deadline !== undefined && Date.now() + pauseMs > options.deadline) {
        throw tooLate(backend, attempt, error);
      }
      await withinCall(options, backend, wait(pauseMs));
      publish('switchyard:retry', () => ({ backend, kind: 'retry', pid: null, methods: [method] }));
    }
  }
}

function tooLate(backend: string, attempts: number, cause: unknown): StorageError {
  return new StorageError(
    'STORAGE_TIMEOUT',
    `The call conflicted with others in ${attempts} ${attempts === 1 ? 'attempt' : 'attempts'}, and its deadline comes before the next one.`,
    { backend, outcome: 'not-applied', cause },
  );
}
