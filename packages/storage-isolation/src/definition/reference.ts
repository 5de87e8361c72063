import type { Connection } from '@switchyard/storage-core';
import type { SentReference } from '../protocol/messages.js';

/** Tells a child process where to import a backend definition from. */
export interface DefinitionReference {
  /** Absolute module URL, such as `import.meta.url` of the defining module. */
  readonly module: string | URL;
  /** Name of the export that holds the definition. Default: `default`. */
  readonly exportName?: string | undefined;
}

/**
 * Validates a reference and fills in its default.
 *
 * @throws TypeError if the module is not an absolute URL: a child would resolve a relative one from another directory.
 */
export function resolveReference({ module, exportName = 'default' }: DefinitionReference): SentReference {
  let url: URL;
  try {
    url = new URL(module);
  } catch (cause) {
    throw new TypeError(
      'The module of a backend definition must be an absolute URL, such as import.meta.url.',
      {
        cause,
      },
    );
  }
  return { module: url.href, exportName };
}

/** Connection-string options that this package adds to a backend. */
export const isolationOptionNames = ['isolation', 'readers', 'callTimeoutMs'] as const;

/** Returns the connection with only the backend's own options. */
export function withoutIsolation(connection: Connection): Connection {
  const added: readonly string[] = isolationOptionNames;
  const own = Object.entries(connection.options).filter(([name]) => !added.includes(name));
  return { ...connection, options: Object.fromEntries(own) };
}

/**
 * Returns the connection for the process that runs the backend. `isolation=inline` is set explicitly because the
 * definition found there may itself be wrapped by `withIsolation` and would start another process.
 */
export function inlineConnection(connection: Connection): Connection {
  const { options, ...rest } = withoutIsolation(connection);
  return { ...rest, options: { ...options, isolation: 'inline' } };
}
