import type { StorageBackend } from '../ports/backend.js';
import type { AuthToken } from './auth-token.js';
import type { Connection } from './connection.js';

/** One form of connection string that selects a backend. */
export type SchemeDefinition = PathScheme | ServerScheme | MemoryScheme;

/** Members of every {@link SchemeDefinition}. */
interface SchemeBase {
  /** Beginning of the string, such as `libsql://` or `sqlite-vec:`. */
  readonly prefix: string;
  /** Example for help, documentation and errors. */
  readonly example: string;
  /** One phrase for help and documentation. */
  readonly description: string;
  /** Options that this form accepts in addition to those of the backend. Default: none. */
  readonly options?: readonly OptionDefinition[] | undefined;
}

/** A store in a local file. */
export interface PathScheme extends SchemeBase {
  /** Kind of location that follows the prefix; the empty prefix accepts plain paths, and one backend may claim it. */
  readonly location: 'path';
  /** See {@link ServerScheme.tokenVariables}; for a file that replicates a server. */
  readonly tokenVariables?: readonly string[] | undefined;
}

/** A store on a server. The string without its options is the URL of the server. */
export interface ServerScheme extends SchemeBase {
  /** Kind of location that follows the prefix. */
  readonly location: 'server';
  /** Protocols of the URL, each with its colon. Default: that of the prefix. */
  readonly protocols?: readonly string[] | undefined;
  /**
   * True if the URL may contain a user and a password, as in `postgres://USER:PASSWORD@HOST/DB`; see
   * `Connection.credentials`. Default false: they are refused.
   */
  readonly credentials?: boolean | undefined;
  /** True if messages may repeat the path of the URL, such as the name of a database. Default false. */
  readonly showPath?: boolean | undefined;
  /**
   * Environment variables that may contain the token of the server; the first one that is set wins. Default: none, so
   * that no token of another service is sent.
   */
  readonly tokenVariables?: readonly string[] | undefined;
}

/** A store in memory, for the string that equals the prefix. */
export interface MemoryScheme extends SchemeBase {
  /** Kind of location. */
  readonly location: 'memory';
}

/** One option that may follow the `?` of a connection string. */
export interface OptionDefinition {
  /** Name of the option, case-sensitive. */
  readonly name: string;
  /**
   * Type of the value. The value of a `secret` is never shown. A `token` is the secret that is sent to a server, and is
   * refused without one. A `server` is the address of a server, and makes a local file its replica. A backend has at most
   * one option of each of the last two types.
   */
  readonly type: 'string' | 'integer' | 'boolean' | 'secret' | 'token' | 'server';
  /** Allowed values of a `string`. Default: any. */
  readonly values?: readonly string[] | undefined;
  /** Minimum of an `integer`. */
  readonly min?: number | undefined;
  /** Maximum of an `integer`. Default: no limit. */
  readonly max?: number | undefined;
  /** Protocols of a `server`, each with its colon. Default: those of the backend's server schemes. */
  readonly protocols?: readonly string[] | undefined;
  /** One sentence for help and documentation. */
  readonly description: string;
  /** Default value shown in help; the backend applies it. */
  readonly default?: string | undefined;
}

/** Definition of a backend: the connection strings that select it, and a factory. */
export interface BackendDefinition {
  /** Unique name of the backend, such as `libsql`. */
  readonly name: string;
  /** Forms of connection string that select this backend. */
  readonly schemes: readonly SchemeDefinition[];
  /** Options accepted after the `?` in every form; others are refused. */
  readonly options: readonly OptionDefinition[];
  /** Creates a backend that is not open yet. Does no I/O. */
  create(connection: Connection, options?: CreateOptions): StorageBackend;
}

/** Options that a program adds to a connection string. */
export interface CreateOptions {
  /**
   * Refuses to open a store that does not exist with `STORAGE_NOT_FOUND`; an empty file or database is not a store. If
   * false, it reads as a store without content, and the first write creates it. Default false.
   */
  readonly mustExist?: boolean | undefined;
  /**
   * Token of the server, instead of that from the connection string or the environment. A function is called when the
   * store is opened, and again, once per call, after the server rejected the token or reported it as expired. Only used
   * for a server or a replica.
   */
  readonly authToken?: AuthToken | undefined;
}
