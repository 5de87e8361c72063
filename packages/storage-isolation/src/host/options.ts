import type { Connection } from '@switchyard/storage-core';

/** How a backend is run in child processes. Times are milliseconds. */
export interface IsolationOptions {
  /**
   * How many reader processes serve `catalog`, `vectors`, `fts` and `candidates` beside the one writer. For a local
   * file only. Default 0: the writer serves everything.
   */
  readonly readers?: number | undefined;
  /** How many calls a child is given at once. Default 1; more is worth it for drivers that are asynchronous. */
  readonly concurrency?: number | undefined;
  /** Deadline of a call that names none. Default 30,000. Also of opening a server or a replica, and of closing. */
  readonly callTimeoutMs?: number | undefined;
  /** The same for migrations, rebuilds, audits and the reset of the profile. Default 600,000. */
  readonly maintenanceTimeoutMs?: number | undefined;
  /**
   * Deadline of opening. Default: `callTimeoutMs` for a server, and for a replica where it is given; 600,000 for what
   * is local and may have to be migrated, and for a replica, which may have to be fetched.
   */
  readonly openTimeoutMs?: number | undefined;
  /** How long `close()` waits for a child before it kills it. Default 5,000, or `callTimeoutMs` where that is less. */
  readonly closeTimeoutMs?: number | undefined;
  /** How long a child may go on with a call that nobody waits for any more before it is killed. Default 500. */
  readonly graceMs?: number | undefined;
  /**
   * After so long, a call that can be repeated is taken from a silent child and given to a new one, its deadline
   * permitting. Default 10,000 for a server or replica; none for what is local.
   */
  readonly attemptTimeoutMs?: number | undefined;
  /** How often a call that can be repeated is tried, with the first time. Default 3. */
  readonly attempts?: number | undefined;
  /**
   * The pause before the n-th new attempt is a random time between half and all of
   * min(`backoffMaxMs`, `backoffBaseMs` × 2^(n − 1)). Default 50 and 2,000.
   */
  readonly backoffBaseMs?: number | undefined;
  readonly backoffMaxMs?: number | undefined;
  /**
   * So long after opening, a small process is started that starts children in place of this one from then on: starting
   * a process holds the event loop, the longer the more memory this process has. Default 1,000. Not on Windows.
   */
  readonly launcherDelayMs?: number | undefined;
  /**
   * Whether a child whose store was closed in order is kept, one for each backend, for the next store that is opened,
   * instead of being ended. It saves the start of a process, a quarter of a second, to programs that open store after
   * store, such as tests; what the driver keeps in its process stays there. It never keeps this process alive, and ends
   * with it. Default false.
   */
  readonly keepChild?: boolean | undefined;
  /** Options of node for the child, such as `--max-old-space-size=512`. Default: none, those of this process neither. */
  readonly execArgv?: readonly string[] | undefined;
  /**
   * Names of environment variables that the child is given beside those that every process needs: paths, locale, time
   * zone, temporary folder, certificates, and options of node. Default: none.
   */
  readonly env?: readonly string[] | undefined;
  /** Takes what the child prints on its standard error, secrets blotted out. Default: this process's own. */
  readonly onStderr?: ((text: string) => void) | undefined;
  /** Told of every child that ended or was killed, and of every call that is made again. */
  readonly onIncident?: ((incident: Incident) => void) | undefined;
}

/** Something that went wrong with a child and was dealt with. */
export interface Incident {
  /** `crashed`: it ended by itself. `killed`: it did not come back from a call. `retry`: a call is made again. */
  readonly kind: 'crashed' | 'killed' | 'retry';
  readonly pid: number | null;
  /** The methods that were under way, or the one that is made again. */
  readonly methods: readonly string[];
  /** In one sentence. */
  readonly reason: string;
}

/** {@link IsolationOptions} with the defaults filled in. */
export type Settings = {
  readonly [K in keyof IsolationOptions]-?: Exclude<IsolationOptions[K], undefined>;
} & {
  /** Whether the data is gone with the process that holds it. */
  readonly volatile: boolean;
};

/** Fills in the defaults. @throws TypeError for what is not a sensible number, and for readers of what is no file. */
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
    onIncident: options.onIncident ?? (() => undefined),
    volatile: !persistent || type === 'memory',
  };
  for (const [name, value] of Object.entries(settings)) {
    const minimum = name === 'attempts' || name === 'concurrency' ? 1 : 0;
    if (typeof value === 'number' && !(value >= minimum)) {
      throw new TypeError(`${name} must be a number from ${minimum}, not ${value}.`);
    }
  }
  if (settings.readers > 0 && (type !== 'file' || settings.volatile)) {
    throw new TypeError('readers are for a store in a local file; this one has one process.');
  }
  return settings;
}
