import 'reflect-metadata';
import { Container, type ContainerModule } from 'inversify';
import type { Environment, SwitchyardContainer } from './switchyard-container.js';
import { switchyardModule } from './switchyard-module.js';
import { tokens } from './tokens.js';

/** Input of {@link createContainer}. */
export interface ContainerSettings {
  /** One module per backend, such as `[libsqlModule, sqliteVecModule]`; may include the application's own modules. */
  readonly modules: readonly ContainerModule[];
  /** Environment variables searched for server tokens. Default: `process.env`. */
  readonly env?: Environment | undefined;
  /** The application's container, whose backends are available too; nothing is bound in it. */
  readonly parent?: Container | undefined;
}

/**
 * Creates a container that resolves backends from connection strings. An application with its own inversify container
 * loads `switchyardModule()` there instead.
 *
 * @throws TypeError when two backends share a name or claim the same form of connection string.
 *
 * @example
 * ```ts
 * await using container = createContainer({ modules: [libsqlModule] });
 * const backend = await container.openBackend(':memory:');
 * const store = await DocumentStore.open({ backend });
 * ```
 */
export function createContainer({ modules, env, parent }: ContainerSettings): SwitchyardContainer {
  if (!Array.isArray(modules)) throw new TypeError('modules must be an array of container modules.');
  const container = new Container({ parent });
  container.load(...modules, switchyardModule({ env }));
  return container.get(tokens.switchyard);
}
