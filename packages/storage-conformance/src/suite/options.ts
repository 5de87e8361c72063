import type { Embedder, StorageBackend, StorageErrorCode } from '@switchyard/storage-core';
import fc from 'fast-check';

/** A store of its own for one contract test. */
export interface CreatedStore {
  /** Not open, on a store that is empty. */
  readonly backend: StorageBackend;
  /**
   * Another backend on the same store, not open. Called after the first was closed and, for a backend that declares
   * `multiProcess`, while it is open. Without it, tests of persistence open the same backend again.
   */
  readonly reopen?: (() => StorageBackend | Promise<StorageBackend>) | undefined;
  /** Path of the local file that the store is in, which the tests of the group `files` look at and move. */
  readonly file?: string | undefined;
  /**
   * Everything that the store holds physically, as a value that is compared deeply: all rows, the objects of the schema,
   * settings of the file such as its journal mode. Called before the backend is opened and while it is open; a place
   * without a store is the same as an empty one. Without it, reading is checked as far as the ports show.
   */
  readonly fingerprint?: (() => unknown | Promise<unknown>) | undefined;
  /** Removes the store. All its backends are closed. */
  readonly cleanup?: (() => void | Promise<void>) | undefined;
}

/** A way to bring about an error that only the environment can cause, such as a full disk. */
export interface ProvokedError {
  /** Makes the call that must be rejected. */
  readonly provoke: () => Promise<unknown>;
  /** Undoes what was arranged. */
  readonly cleanup?: (() => void | Promise<void>) | undefined;
}

/** A store whose writes can be interrupted in the middle. */
export interface InterruptibleStore {
  /** Not open, on a store that is empty. */
  readonly backend: StorageBackend;
  /** Interrupts whatever is under way. @param chance A random number, from 0 to below 1, to choose a way by. */
  interrupt(chance: number): void | Promise<void>;
  /** Makes the store work again. */
  restore(): void | Promise<void>;
  /** Path of the local file that the store is in, which the tests of the group `files` look at and move. */
  readonly file?: string | undefined;
  /** Removes the store. Its backend is closed. */
  readonly cleanup?: (() => void | Promise<void>) | undefined;
}

/** How a backend is put to the test. */
export interface ConformanceOptions {
  /** For titles and the closing line, such as `libsql (file)`. */
  readonly name: string;
  /** A fresh, empty store for every contract test: its backend, or the backend with hooks. */
  readonly create: () => StorageBackend | CreatedStore | Promise<StorageBackend | CreatedStore>;
  /** Ids of contract tests that fail at present. They are run, and turn red when they pass. Default none. */
  readonly knownFaults?: readonly string[] | undefined;
  /**
   * Exactly so many contract tests must be skipped. Give it, so that a capability that is lost by mistake does not go
   * unnoticed. Default: as many as capabilities and hooks explain.
   */
  readonly skipped?: number | undefined;
  /** Runs of each property and sequences of the model test. Default 40; lower it for slow targets. */
  readonly runs?: number | undefined;
  /** Of everything random. Default: that of `fc.configureGlobal` of fast-check, else 2607. A failure prints it. */
  readonly seed?: number | undefined;
  /** For one contract test, in milliseconds. Default 60,000. */
  readonly timeoutMs?: number | undefined;
  /** Used in the tests of `DocumentStore`. Default: a small one that counts letters. */
  readonly embedder?: Embedder | undefined;
  /** Texts that must not stand in any message, such as the token of the server under test. Default none. */
  readonly secrets?: readonly string[] | undefined;
  /** Errors that can be provoked in this environment, by code. Each becomes a contract test. Default none. */
  readonly provoke?: Partial<Record<StorageErrorCode, () => Promise<ProvokedError>>> | undefined;
  /**
   * Ways to interrupt writes, by name, such as `server-killed`. Each becomes a contract test of as many writes as there
   * are `runs`: what each error says in `outcome` is compared with what is stored. Default none.
   */
  readonly interruptions?:
    | Readonly<Record<string, () => InterruptibleStore | Promise<InterruptibleStore>>>
    | undefined;
}

/** {@link ConformanceOptions} with the defaults filled in. */
export interface ResolvedOptions extends ConformanceOptions {
  readonly knownFaults: readonly string[];
  readonly runs: number;
  readonly seed: number;
  readonly timeoutMs: number;
  readonly secrets: readonly string[];
}

/** @throws TypeError for options that make no sense. */
export function resolveOptions(options: ConformanceOptions): ResolvedOptions {
  const { knownFaults = [], runs = 40, timeoutMs = 60_000, secrets = [] } = options;
  const { seed = fc.readConfigureGlobal().seed ?? 2607 } = options;
  if (!Number.isSafeInteger(runs) || runs < 1) throw new TypeError('runs must be a whole number from 1.');
  return { ...options, knownFaults, runs, seed, timeoutMs, secrets };
}
