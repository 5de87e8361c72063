import type { Connection } from '@switchyard/storage-core';
import type { SentReference } from '../protocol/messages.js';

/** Where a child process finds the definition of a backend: a module to import, and a name that it exports. */
export interface DefinitionReference {
  /** An absolute URL, such as `import.meta.url` of the module that defines it. */
  readonly module: string | URL;
  /** Default `default`. */
  readonly exportName?: string | undefined;
}

/** @throws TypeError for a module that is not an absolute URL: a child would resolve it from another place. */
export function resolveReference({ module, exportName = 'default' }: DefinitionReference): SentReference {
  let url: URL;
  try {
    url = new URL(module);
  } catch (cause) {
    throw new TypeError('The module of a backend definition is named by an absolute URL: import.meta.url.', {
      cause,
    });
  }
  return { module: url.href, exportName };
}

/** The options of a connection string that this package adds to a backend. */
export const isolationOptionNames = ['isolation', 'readers', 'callTimeoutMs'] as const;

/** The connection without the options that are not the backend's own. */
export function withoutIsolation(connection: Connection): Connection {
  const added: readonly string[] = isolationOptionNames;
  const own = Object.entries(connection.options).filter(([name]) => !added.includes(name));
  return { ...connection, options: Object.fromEntries(own) };
}

/**
 * The connection for the process in which the backend is to run. It says so, since the definition that is found there
 * may be one that would otherwise start a process in its turn.
 */
export function inlineConnection(connection: Connection): Connection {
  const { options, ...rest } = withoutIsolation(connection);
  return { ...rest, options: { ...options, isolation: 'inline' } };
}
