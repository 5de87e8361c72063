import type { StorageBackend } from '../ports/backend.js';
import type { AuthToken } from './auth-token.js';
import type { Connection } from './connection.js';

/** One form of connection string that a backend answers to. */
export interface SchemeDefinition {
  /**
   * Beginning of the string, such as `libsql://` or `sqlite-vec:`. The empty prefix is a plain path; exactly one
   * backend may claim it. A string that is equal to the prefix `:memory:` is the in-memory store.
   */
  readonly prefix: string;
  /** Kind of location that follows the prefix. */
  readonly location: 'path' | 'server' | 'memory';
  /**
   * Environment variables that may hold the token of such a server, or of the server of such a replica; the first that
   * is set wins. Default: none, so that no token of another service is handed on.
   */
  readonly tokenVariables?: readonly string[] | undefined;
  /** For help and documentation. */
  readonly example: string;
  /** One phrase for help and documentation. */
  readonly description: string;
}

/** One option that may stand after the `?` of a connection string. */
export interface OptionDefinition {
  /** Name of the option, case-sensitive. */
  readonly name: string;
  /** Type of the value. The value of a `secret` is never shown. */
  readonly type: 'string' | 'integer' | 'boolean' | 'secret';
  /** The values a `string` may have; any when absent. */
  readonly values?: readonly string[] | undefined;
  /** Smallest and largest value of an `integer`. */
  readonly min?: number | undefined;
  /** Largest value of an `integer`; no limit when absent. */
  readonly max?: number | undefined;
  /** One sentence for help and documentation. */
  readonly description: string;
  /** As shown in help; the backend applies it. */
  readonly default?: string | undefined;
}

/** Definition of a backend: the connection strings that select it, and a factory. */
export interface BackendDefinition {
  /** Unique name of the backend, such as `libsql`. */
  readonly name: string;
  /** Forms of connection string that select this backend. */
  readonly schemes: readonly SchemeDefinition[];
  /** Options accepted after the `?`; others are refused. */
  readonly options: readonly OptionDefinition[];
  /** Makes a backend that is not yet open. Does no I/O. */
  create(connection: Connection, options?: CreateOptions): StorageBackend;
}

/** Options that a program adds to a connection string. */
export interface CreateOptions {
  /**
   * Refuses with `STORAGE_NOT_FOUND` to open a store that does not exist; an empty file or database holds no store.
   * When false, it reads as a store without content, and the first write creates it. Default false.
   */
  readonly mustExist?: boolean | undefined;
  /**
   * Token of the server, in place of that of the connection string and of the environment. A function is called when
   * the store is opened, and again, once per call, after the server refused the token or said that it has expired.
   * Used for a server or a replica only.
   */
  readonly authToken?: AuthToken | undefined;
}
