import { type Connection, StorageError } from '@switchyard/storage-core';
import type { BackendDefinition, OptionDefinition } from '@switchyard/storage-core/backend';
import { isolate } from '../host/isolated-backend.js';
import type { IsolationOptions } from '../host/options.js';
import { type DefinitionReference, isolationOptionNames, withoutIsolation } from './reference.js';

/** The options that {@link withIsolation} adds to the connection strings of a backend. */
export const isolationOptions: readonly OptionDefinition[] = [
  {
    name: 'isolation',
    type: 'string',
    values: ['inline', 'process'],
    description:
      'Where the driver runs: in this process, or in a child process that can be killed when it hangs or crashes.',
    default: 'process for a server or replica, inline for a local store',
  },
  {
    name: 'readers',
    type: 'integer',
    min: 0,
    max: 64,
    description:
      'Reader processes on a local file, so that searches use several cores. Implies isolation=process.',
    default: '0',
  },
  {
    name: 'callTimeoutMs',
    type: 'integer',
    min: 1,
    description:
      'Deadline, in milliseconds, of a call that names none, and of opening a server or replica, for a backend in a child process. Migrations and rebuilds have one of their own. Implies isolation=process.',
    default: '30000',
  },
];

/**
 * The same backend, which may be run in child processes: its connection strings take `isolation`, `readers` and
 * `callTimeoutMs`, and what is made of them is an `IsolatedBackend` or the backend itself. The module that the
 * reference names may export either definition, this one or the one it is made of.
 *
 * @param tuning What connection strings do not set.
 */
export function withIsolation(
  definition: BackendDefinition,
  reference: DefinitionReference,
  tuning: IsolationOptions = {},
): BackendDefinition {
  return {
    ...definition,
    options: [...definition.options, ...isolationOptions],
    create(connection, createOptions) {
      if (!wantsProcess(connection)) return definition.create(withoutIsolation(connection), createOptions);
      const { readers, callTimeoutMs } = connection.options;
      return isolate({
        definition,
        reference,
        connection,
        createOptions,
        options: {
          ...tuning,
          ...(typeof readers === 'number' ? { readers } : {}),
          ...(typeof callTimeoutMs === 'number' ? { callTimeoutMs } : {}),
        },
      });
    },
  };
}

/** @throws StorageError `STORAGE_CONNECTION_STRING` for options that contradict each other. */
function wantsProcess({ location, options }: Connection): boolean {
  const implied = isolationOptionNames.filter((name) => name !== 'isolation' && options[name] !== undefined);
  if (options.isolation === 'inline' && implied.length > 0) {
    throw new StorageError(
      'STORAGE_CONNECTION_STRING',
      `These options need isolation=process, and the connection string says isolation=inline: ${implied.join(', ')}.`,
    );
  }
  if (typeof options.readers === 'number' && options.readers > 0 && location.type !== 'file') {
    throw new StorageError(
      'STORAGE_CONNECTION_STRING',
      'The option readers= is for a store in a local file.',
    );
  }
  if (options.isolation !== undefined) return options.isolation === 'process';
  return implied.length > 0 || location.type === 'server' || location.type === 'replica';
}
