/** How a server is started. */
export interface SqldOptions {
  /** The binary, when it is not the one that `findSqld` finds. */
  readonly binary?: string | undefined;
  /**
   * Where the server keeps its data. It is created when absent and kept at the end. Default: a temporary folder that
   * is removed at the end.
   */
  readonly directory?: string | undefined;
  /** Port of the HTTP interface on 127.0.0.1. Default: a free one. */
  readonly port?: number | undefined;
  /** The public key of `createJwtKeys()`: the server then wants a token with every request. */
  readonly jwtPublicKey?: string | undefined;
  /** Also serves replicas, at `grpcUrl`. Default false. */
  readonly grpc?: boolean | undefined;
  /** The `grpcUrl` of a primary: the server is then a replica of it. */
  readonly primaryGrpcUrl?: string | undefined;
  /** The largest response, such as `1MB`. Default: 10 MB, sqld's own. */
  readonly maxResponseSize?: string | undefined;
  /** Milliseconds to wait for its first answer. Default 30,000. */
  readonly startTimeoutMs?: number | undefined;
  /** Further arguments, as `sqld --help` lists them. */
  readonly extraArguments?: readonly string[] | undefined;
}

/** A running server. */
export interface SqldServer {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  readonly port: number;
  /** Where replicas connect; null without `grpc: true`. */
  readonly grpcUrl: string | null;
  readonly directory: string;
  /** The file in `directory` that holds the database. */
  readonly databaseFile: string;
  /** The process id; null while it is not running. */
  readonly pid: number | null;
  /** The last 16 KB of what the server printed. */
  readonly log: string;
  /** Shuts it down in order, by force after 3 s, and removes the folder if it was a temporary one. Idempotent. */
  stop(): Promise<void>;
  /** Ends it as a crash would (SIGKILL). The folder stays, `restart()` brings it back. */
  kill(): Promise<void>;
  /** Holds it (SIGSTOP): it accepts connections and answers none. Resolves when it stands still. */
  pause(): Promise<void>;
  /** Lets it go on (SIGCONT). */
  resume(): void;
  /** Starts it again on the same port and folder, after shutting it down if it runs. */
  restart(): Promise<void>;
}
