import { inspect } from 'node:util';
import {
  type Connection,
  isStorageError,
  parseConnectionString,
  type StorageError,
} from '@switchyard/storage-core';
import type { BackendDefinition, OptionDefinition } from '@switchyard/storage-core/backend';

/** Backend properties used by the parser. */
export type Known = Pick<BackendDefinition, 'name' | 'schemes' | 'options'>;

const busyTimeout: OptionDefinition = {
  name: 'busyTimeoutMs',
  type: 'integer',
  min: 0,
  max: 600_000,
  description: 'How long a writer waits.',
};

const tokenVariables = ['LIBSQL_AUTH_TOKEN', 'TURSO_AUTH_TOKEN'];

/** Forms and options such as those of the two adapters. */
export const libsql: Known = {
  name: 'libsql',
  schemes: [
    { prefix: '', location: 'path', tokenVariables, example: './docs.db', description: 'a local file' },
    {
      prefix: 'file:',
      location: 'path',
      tokenVariables,
      example: 'file:docs.db',
      description: 'a local file',
    },
    { prefix: ':memory:', location: 'memory', example: ':memory:', description: 'in memory' },
    {
      prefix: 'libsql://',
      location: 'server',
      tokenVariables,
      example: 'libsql://HOST',
      description: 'a server',
    },
    {
      prefix: 'https://',
      location: 'server',
      tokenVariables,
      example: 'https://HOST',
      description: 'a server',
    },
    {
      prefix: 'http://',
      location: 'server',
      tokenVariables,
      example: 'http://HOST:PORT',
      description: 'a server',
    },
  ],
  options: [
    busyTimeout,
    { name: 'authToken', type: 'token', description: 'The token of the server.' },
    { name: 'encryptionKey', type: 'secret', description: 'The key of the file.' },
    { name: 'syncUrl', type: 'server', description: 'The server to replicate.' },
    { name: 'migrate', type: 'string', values: ['auto', 'never'], description: 'Migration on opening.' },
    { name: 'checked', type: 'boolean', description: 'Check while reading.' },
  ],
};
/** Like {@link libsql}. */
export const sqliteVec: Known = {
  name: 'sqlite-vec',
  schemes: [
    { prefix: 'sqlite-vec:', location: 'path', example: 'sqlite-vec:docs.db', description: 'legacy' },
  ],
  options: [busyTimeout],
};
/** Both backends. */
export const backends = [libsql, sqliteVec];

/** Parses a connection string with the backends of this file. */
export function parse(text: string, env?: Record<string, string | undefined>): Connection {
  return parseConnectionString(text, { backends, env });
}

/** Returns the error for a refused connection string. */
export function refusal(text: string, known: readonly Known[] = backends): StorageError {
  try {
    parseConnectionString(text, { backends: known });
  } catch (error) {
    if (isStorageError(error, 'STORAGE_CONNECTION_STRING')) return error;
    throw error;
  }
  throw new Error(`'${text}' was accepted.`);
}

/** Returns all output of a value that a log could contain. */
export function shown(value: unknown): string {
  const error = value instanceof Error ? `${value.stack}${String(value.cause)}` : '';
  return `${JSON.stringify(value)}${inspect(value, { depth: 9, showHidden: true })}${String(value)}${error}`;
}
