import type { StorageBackend } from '../ports/backend.js';
import type { AuthToken } from './auth-token.js';
import type { Connection } from './connection.js';

/** One form of connection string that selects a backend. */
export interface SchemeDefinition {
  /**
   * Beginning of the string, such as `libsql://` or `sqlite-vec:`. The empty prefix accepts plain paths; exactly one
   * backend may claim it. A string equal to the prefix `:memory:` is the in-memory store.
   */
  readonly prefix: string;
  /** Kind of location that follows the prefix. */
  readonly location: 'path' | 'server' | 'memory';
  /**
   * Environment variables that may contain the token of the server; the first one that is set wins. Default: none, so
   * that no token of another service is sent.
   */
  readonly tokenVariables?: readonly string[] | undefined;
  /** Example for help and documentation. */
  readonly example: string;
  /** One phrase for help and documentation. */
  readonly description: string;
}

/** One option that may follow the `?` of a connection string. */
export interface OptionDefinition {
  /** Name of the option, case-sensitive. */
  readonly name: string;
  /** Type of the value. The value of a `secret` is never shown. */
  readonly type: 'string' | 'integer' | 'boolean' | 'secret';
  /** Allowed values of a `string`. Default: any. */
  readonly values?: readonly string[] | undefined;
  /** Minimum of an `integer`. */
  readonly min?: number | undefined;
  /** Maximum of an `integer`. Default: no limit. */
  readonly max?: number | undefined;
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
  /** Options accepted after the `?`; others are refused. */
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
