import { type Connection, StorageError } from '@switchyard/storage-core';
import type { BackendDefinition, OptionDefinition } from '@switchyard/storage-core/backend';
import { isolate } from '../host/isolated-backend.js';
import type { IsolationOptions } from '../host/options.js';
import { type DefinitionReference, isolationOptionNames, withoutIsolation } from './reference.js';

/** Connection-string options added by {@link withIsolation}. */
export const isolationOptions: readonly OptionDefinition[] = [
  {
    name: 'isolation',
    type: 'string',
    values: ['inline', 'process'],
    description:
      'Runs the driver in this process (inline), or in a child process that can be killed if it hangs or crashes (process).',
    default: 'process for a server or replica, inline for a local store',
  },
  {
    name: 'readers',
    type: 'integer',
    min: 0,
    max: 64,
    description:
      'Number of reader processes for a local file, so that searches use several cores. Implies isolation=process.',
    default: '0',
  },
  {
    name: 'callTimeoutMs',
    type: 'integer',
    min: 1,
    description:
      'Default deadline, in milliseconds, of a call to a backend in a child process, and of opening a server or replica. Migrations and rebuilds have their own. Implies isolation=process.',
    default: '30000',
  },
];

/**
 * Wraps a backend definition so that connection strings decide whether the backend runs in child processes. Adds the
 * options `isolation`, `readers` and `callTimeoutMs`; `create` returns an `IsolatedBackend` or the backend itself. The
 * referenced module may export either the wrapped or the original definition.
 *
 * @param tuning Isolation options that the connection string does not set.
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

/**
 * Decides whether a connection needs a child process.
 *
 * @throws StorageError `STORAGE_CONNECTION_STRING` for contradictory options.
 */
function wantsProcess({ location, options }: Connection): boolean {
  const implied = isolationOptionNames.filter((name) => name !== 'isolation' && options[name] !== undefined);
  if (options.isolation === 'inline' && implied.length > 0) {
    throw new StorageError(
      'STORAGE_CONNECTION_STRING',
      `These options require isolation=process, but the connection string sets isolation=inline: ${implied.join(', ')}.`,
    );
  }
  if (typeof options.readers === 'number' && options.readers > 0 && location.type !== 'file') {
    throw new StorageError(
      'STORAGE_CONNECTION_STRING',
      'The option readers= requires a store in a local file.',
    );
  }
  if (options.isolation !== undefined) return options.isolation === 'process';
  return implied.length > 0 || location.type === 'server' || location.type === 'replica';
}
