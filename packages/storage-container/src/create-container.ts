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
 * Creates a container that resolves backends from connection strings.
 *
 * To use your own inversify container instead, load `switchyardModule()` there.
 *
 * @throws TypeError if two backends have the same name or scheme.
 */
export function createContainer({ modules, env, parent }: ContainerSettings): SwitchyardContainer {
  const container = new Container({ parent });
  container.load(...modules, switchyardModule({ env }));
  return container.get(tokens.switchyard);
}
