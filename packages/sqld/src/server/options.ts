/** Options of {@link startSqld}. */
export interface SqldOptions {
  /** Path of the binary. Default: the one found by `findSqld`. */
  readonly binary?: string | undefined;
  /**
   * Folder for the server's data; created if missing, kept after `stop()`. Default: a temporary folder, removed by
   * `stop()`.
   */
  readonly directory?: string | undefined;
  /** Port of the HTTP interface on 127.0.0.1. Default: a free port. */
  readonly port?: number | undefined;
  /** Public key from `createJwtKeys()`. If set, every request needs a token. */
  readonly jwtPublicKey?: string | undefined;
  /** Serves replicas at `grpcUrl` as well. Default: false. */
  readonly grpc?: boolean | undefined;
  /** The `grpcUrl` of a primary. If set, the server is a replica of it. */
  readonly primaryGrpcUrl?: string | undefined;
  /** Maximum response size, such as `1MB`. Default: 10 MB (sqld's default). */
  readonly maxResponseSize?: string | undefined;
  /** Milliseconds to wait for the first answer. Default: 30,000. */
  readonly startTimeoutMs?: number | undefined;
  /** Additional command-line arguments; see `sqld --help`. */
  readonly extraArguments?: readonly string[] | undefined;
}

/** A running server. */
export interface SqldServer {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  readonly port: number;
  /** URL for replicas; null without `grpc: true`. */
  readonly grpcUrl: string | null;
  readonly directory: string;
  /** The file in `directory` that holds the database. */
  readonly databaseFile: string;
  /** Process id; null while the server is not running. */
  readonly pid: number | null;
  /** The last 16 KB of the server's output. */
  readonly log: string;
  /** Shuts the server down gracefully, by force after 3 s, and removes a temporary folder. Idempotent. */
  stop(): Promise<void>;
  /** Kills the server as a crash would (SIGKILL). The folder is kept for `restart()`. */
  kill(): Promise<void>;
  /** Pauses the server (SIGSTOP): it accepts connections but never answers. Resolves once it has stopped. */
  pause(): Promise<void>;
  /** Resumes the server (SIGCONT). */
  resume(): void;
  /** Restarts the server on the same port and folder, shutting it down first if it is running. */
  restart(): Promise<void>;
}
