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

/** The same connection, for a backend that is to run where it is made. */
export function inlineConnection(connection: Connection): Connection {
  const own: readonly string[] = isolationOptionNames;
  const others = Object.entries(connection.options).filter(([name]) => !own.includes(name));
  return { ...connection, options: { ...Object.fromEntries(others), isolation: 'inline' } };
}
