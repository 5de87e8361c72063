import 'reflect-metadata';
import { Container, type ContainerModule } from 'inversify';
import type { Environment, SwitchyardContainer } from './switchyard-container.js';
import { switchyardModule } from './switchyard-module.js';
import { tokens } from './tokens.js';

/** What {@link createContainer} works with. */
export interface ContainerSettings {
  /** One module for each backend: `[libsqlModule, sqliteVecModule]`. Further modules of the application may stand here. */
  readonly modules: readonly ContainerModule[];
  /** Where tokens of servers are looked for. Default: `process.env`. */
  readonly env?: Environment | undefined;
  /** The application's container, whose backend modules count too; nothing is bound in it. */
  readonly parent?: Container | undefined;
}

/**
 * A container that resolves backends from connection strings.
 *
 * An application that wants it in its own inversify container loads `switchyardModule()` there instead.
 *
 * @throws TypeError when two backends have one name or claim one form of connection string.
 */
export function createContainer({ modules, env, parent }: ContainerSettings): SwitchyardContainer {
  const container = new Container({ parent });
  container.load(...modules, switchyardModule({ env }));
  return container.get(tokens.switchyard);
}
