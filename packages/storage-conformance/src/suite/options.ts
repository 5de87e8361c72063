import type { Embedder, StorageBackend, StorageErrorCode } from '@switchyard/storage-core';
import fc from 'fast-check';
import { SharedSetup } from './shared-setup.js';

/** A store for a single contract test. */
export interface CreatedStore {
  /** Not open, on a store that is empty. */
  readonly backend: StorageBackend;
  /**
   * Creates another backend on the same store, not yet open. Called after the first was closed and, if the backend
   * declares `multiProcess`, while it is open. If omitted, persistence tests reopen the same backend.
   */
  readonly reopen?: (() => StorageBackend | Promise<StorageBackend>) | undefined;
  /** Path of the local file that the store is in, which the tests of the group `files` look at and move. */
  readonly file?: string | undefined;
  /**
   * Returns the physical content of the store as a value for deep comparison: all rows, schema objects, and file settings
   * such as the journal mode. Called before the backend is opened and while it is open; a missing store equals an empty
   * one. If omitted, reads are only checked through the ports.
   */
  readonly fingerprint?: (() => unknown | Promise<unknown>) | undefined;
  /** Removes the store after all of its backends are closed. */
  readonly cleanup?: (() => void | Promise<void>) | undefined;
}

/** Provokes an error that only the environment can cause, such as a full disk. */
export interface ProvokedError {
  /** Makes the call that must be rejected with the error. */
  readonly provoke: () => Promise<unknown>;
  /** Undoes the preparations. */
  readonly cleanup?: (() => void | Promise<void>) | undefined;
}

/** A store whose writes can be interrupted in the middle. */
export interface InterruptibleStore {
  /** Not open, on a store that is empty. */
  readonly backend: StorageBackend;
  /** Interrupts the running write. @param chance Random number in [0, 1) for choosing a way. */
  interrupt(chance: number): void | Promise<void>;
  /** Makes the store available again. */
  restore(): void | Promise<void>;
  /** Path of the local file that the store is in, which the tests of the group `files` look at and move. */
  readonly file?: string | undefined;
  /** Removes the store after its backend is closed. */
  readonly cleanup?: (() => void | Promise<void>) | undefined;
}

/** Options of a conformance run. */
export interface ConformanceOptions<Shared = undefined> {
  /** Name for titles and the closing line, such as `libsql (file)`. */
  readonly name: string;
  /**
   * Starts what all stores of the run share, such as a server or an embedded engine. Called once, before the first store
   * is created. Default: nothing is shared.
   */
  readonly setup?: (() => Shared | Promise<Shared>) | undefined;
  /** Ends what `setup` started, after all stores are closed and removed. Not called if `setup` failed. */
  readonly teardown?: ((shared: Shared) => void | Promise<void>) | undefined;
  /**
   * Creates a fresh, empty store for each contract test: a backend, or a backend with hooks.
   *
   * @param shared Result of `setup`: here, make a schema or a database in it, and drop that in `cleanup`.
   */
  readonly create: (shared: Shared) => StorageBackend | CreatedStore | Promise<StorageBackend | CreatedStore>;
  /** Ids of contract tests that are known to fail. They still run, and fail the run once they pass. Default: none. */
  readonly knownFaults?: readonly string[] | undefined;
  /**
   * Groups to run, such as `['vectors', 'fts']`: the first parts of the ids. The environment variable
   * `CONFORMANCE_GROUPS=all` overrides it. Default: all.
   */
  readonly groups?: readonly string[] | undefined;
  /**
   * Exact number of contract tests that must be skipped. Set it to notice a capability lost by mistake. Default: any
   * number that the capabilities and hooks explain. Not checked with `groups`.
   */
  readonly skipped?: number | undefined;
  /**
   * Output of the run: a line for each finished group and a table of groups with the slowest tests, or only the last
   * line. Default: the environment variable `CONFORMANCE_REPORT`, else `groups`.
   */
  readonly report?: 'groups' | 'summary' | undefined;
  /** Number of runs per property and of sequences in the model test. Default: 40; lower it for slow targets. */
  readonly runs?: number | undefined;
  /** Random seed. Default: the one set with fast-check's `fc.configureGlobal`, else 2607. Failures print it. */
  readonly seed?: number | undefined;
  /** Timeout of a contract test in milliseconds. Default: 120,000. */
  readonly timeoutMs?: number | undefined;
  /** Embedder for the `DocumentStore` tests. Default: a small one that counts letters. */
  readonly embedder?: Embedder | undefined;
  /** Texts that must not occur in any message, such as the server's token. Default: none. */
  readonly secrets?: readonly string[] | undefined;
  /** Errors that can be provoked in this environment, by code. Each becomes a contract test. Default: none. */
  readonly provoke?: Partial<Record<StorageErrorCode, () => Promise<ProvokedError>>> | undefined;
  /**
   * Ways to interrupt writes, by name, such as `server-killed`. Each becomes a contract test with `runs` writes that
   * compares the `outcome` of each error with the stored data. Default: none.
   */
  readonly interruptions?:
    | Readonly<Record<string, () => InterruptibleStore | Promise<InterruptibleStore>>>
    | undefined;
}

/** {@link ConformanceOptions} with the defaults filled in. */
export interface ResolvedOptions extends Omit<ConformanceOptions, 'create' | 'setup' | 'teardown'> {
  /** Creates a store, after `setup` if there is one. */
  readonly create: () => Promise<StorageBackend | CreatedStore>;
  /** Ends what `setup` started. */
  readonly teardown: () => Promise<void>;
  readonly knownFaults: readonly string[];
  readonly report: 'groups' | 'summary';
  readonly runs: number;
  readonly seed: number;
  readonly timeoutMs: number;
  readonly secrets: readonly string[];
}

/** Fills in the defaults. @throws TypeError for invalid options. */
export function resolveOptions<Shared>(options: ConformanceOptions<Shared>): ResolvedOptions {
  const { setup, teardown, create, ...others } = options;
  const shared = new SharedSetup(setup, teardown);
  const { knownFaults = [], runs = 40, timeoutMs = 120_000, secrets = [] } = options;
  const { seed = fc.readConfigureGlobal().seed ?? 2607 } = options;
  if (!Number.isSafeInteger(runs) || runs < 1) throw new TypeError('runs must be a positive integer.');
  // Variations of a run repeat only some groups; this repeats everything.
  const groups = process.env.CONFORMANCE_GROUPS === 'all' ? undefined : options.groups;
  const { report = process.env.CONFORMANCE_REPORT === 'summary' ? 'summary' : 'groups' } = options;
  if (report !== 'groups' && report !== 'summary')
    throw new TypeError("report must be 'groups' or 'summary'.");
  return {
    ...others,
    create: async () => create(await shared.get()),
    teardown: () => shared.end(),
    knownFaults,
    groups,
    report,
    runs,
    seed,
    timeoutMs,
    secrets,
  };
}
