import type { Connection } from '@switchyard/storage-core';
import { publish } from '@switchyard/storage-core/backend';

/** Longer than any check, repair or migration takes. Callers set a deadline to limit one. */
export const UNLIMITED_MS = 7 * 24 * 3_600_000;

/** Options for running a backend in child processes. All times are in milliseconds. */
export interface IsolationOptions {
  /**
   * Number of reader processes that serve `catalog`, `vectors`, `fts` and `candidates` besides the writer. For local
   * files only. Default: 0, the writer serves everything.
   */
  readonly readers?: number | undefined;
  /** Maximum number of concurrent calls per child. Default: 1; more pays off for asynchronous drivers. */
  readonly concurrency?: number | undefined;
  /** Timeout of calls without a deadline; see also `openTimeoutMs` and `closeTimeoutMs`. Default: 30,000. */
  readonly callTimeoutMs?: number | undefined;
  /** Timeout of migrations, rebuilds, audits and profile resets without a deadline. Default: 600,000. */
  readonly maintenanceTimeoutMs?: number | undefined;
  /**
   * Timeout of opening without a deadline. Default: `callTimeoutMs` for a server, and for a replica if that is set;
   * otherwise 600,000, since a local store may have to be migrated and a replica may have to be fetched.
   */
  readonly openTimeoutMs?: number | undefined;
  /** Time that `close()` waits for a child before killing it. Default: 5,000, or `callTimeoutMs` if that is set lower. */
  readonly closeTimeoutMs?: number | undefined;
  /** Time that a child may spend on a timed-out or aborted call before it is killed. Default: 500. */
  readonly graceMs?: number | undefined;
  /**
   * Time after which a silent child is killed and its call, if it can be repeated, is retried in a new one, provided the
   * deadline has not passed. Default: 10,000 for a server or replica; unlimited for local stores.
   */
  readonly attemptTimeoutMs?: number | undefined;
  /** Maximum number of attempts for a call that can be repeated, including the first. Default: 3. */
  readonly attempts?: number | undefined;
  /**
   * Base delay between attempts. The delay before the n-th retry is a random time between half and all of
   * min(`backoffMaxMs`, `backoffBaseMs` × 2^(n − 1)). Default: 50.
   */
  readonly backoffBaseMs?: number | undefined;
  /** Maximum delay between attempts; see `backoffBaseMs`. Default: 2,000. */
  readonly backoffMaxMs?: number | undefined;
  /**
   * Delay after opening until a small launcher process is started, which from then on starts children on behalf of this
   * process. Forking blocks the event loop, for longer the more memory this process uses. Default: 1,000. Not available
   * on Windows.
   */
  readonly launcherDelayMs?: number | undefined;
  /**
   * Keeps a child whose store was closed cleanly, up to two per backend, and reuses it for the next store. Saves the start
   * of a process (a sixth of a second) in programs that open one store after another, such as tests. Process-wide state
   * of the driver is kept as well. A kept child never keeps this process alive, and ends with it. Default: false.
   */
  readonly keepChild?: boolean | undefined;
  /** Node.js options for the child, such as `--max-old-space-size=512`. Default: none; they are not inherited. */
  readonly execArgv?: readonly string[] | undefined;
  /**
   * Names of environment variables passed to the child in addition to those that every process needs: paths, locale,
   * time zone, temporary folder, certificates, and Node.js options. Default: none.
   */
  readonly env?: readonly string[] | undefined;
  /** Receives the child's standard error, with secrets redacted. Default: writes to this process's standard error. */
  readonly onStderr?: ((text: string) => void) | undefined;
  /** Called for every child that crashed or was killed, and for every retry. */
  readonly onIncident?: ((incident: Incident) => void) | undefined;
}

/** A failure of a child that was handled. */
export interface Incident {
  /** `crashed`: the child ended by itself. `killed`: it was stuck in a call. `retry`: a call is retried. */
  readonly kind: 'crashed' | 'killed' | 'retry';
  /** Process id of the child. */
  readonly pid: number | null;
  /** Methods that were running, or the one being retried. */
  readonly methods: readonly string[];
  /** One-sentence explanation. */
  readonly reason: string;
}

/** {@link IsolationOptions} with the defaults filled in. */
export type Settings = {
  readonly [K in keyof IsolationOptions]-?: Exclude<IsolationOptions[K], undefined>;
} & {
  /** True if the data exists only in the memory of the child. */
  readonly volatile: boolean;
};

/**
 * Fills in the defaults.
 *
 * @throws TypeError for numbers out of range, and for readers on anything but a local file.
 */
export function resolveSettings(
  options: IsolationOptions,
  connection: Connection,
  persistent: boolean,
): Settings {
  const { type } = connection.location;
  const { callTimeoutMs } = options;
  const remote = type === 'server' || type === 'replica';
  const settings: Settings = {
    readers: options.readers ?? 0,
    concurrency: options.concurrency ?? 1,
    callTimeoutMs: options.callTimeoutMs ?? 30_000,
    maintenanceTimeoutMs: options.maintenanceTimeoutMs ?? 600_000,
    openTimeoutMs:
      options.openTimeoutMs ?? (remote ? callTimeoutMs : undefined) ?? (type === 'server' ? 30_000 : 600_000),
    closeTimeoutMs: options.closeTimeoutMs ?? Math.min(5_000, callTimeoutMs ?? 5_000),
    graceMs: options.graceMs ?? 500,
    attemptTimeoutMs: options.attemptTimeoutMs ?? (remote ? 10_000 : Number.POSITIVE_INFINITY),
    attempts: options.attempts ?? 3,
    backoffBaseMs: options.backoffBaseMs ?? 50,
    backoffMaxMs: options.backoffMaxMs ?? 2_000,
    launcherDelayMs: options.launcherDelayMs ?? 1_000,
    keepChild: options.keepChild ?? false,
    execArgv: options.execArgv ?? [],
    env: options.env ?? [],
    onStderr: options.onStderr ?? ((text) => void process.stderr.write(text)),
    onIncident: (incident) => {
      const { kind, pid, methods } = incident;
      publish('switchyard:retry', () => ({ backend: connection.backend, kind, pid, methods }));
      options.onIncident?.(incident);
    },
    volatile: !persistent || type === 'memory',
  };
  for (const [name, value] of Object.entries(settings)) {
    const minimum = name === 'attempts' || name === 'concurrency' ? 1 : 0;
    if (typeof value === 'number' && !(value >= minimum)) {
      throw new TypeError(`${name} must be at least ${minimum}, not ${value}.`);
    }
  }
  if (settings.readers > 0 && (type !== 'file' || settings.volatile)) {
    throw new TypeError('readers requires a store in a local file.');
  }
  return settings;
}
