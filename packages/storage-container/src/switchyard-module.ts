import 'reflect-metadata';
import type { BackendDefinition } from '@switchyard/storage-core/backend';
import { ContainerModule } from 'inversify';
import { type Environment, SwitchyardContainer } from './switchyard-container.js';
import { tokens } from './tokens.js';

/**
 * Returns the inversify module that binds {@link tokens.switchyard} in an application's own container: one
 * {@link SwitchyardContainer} with the backends registered in that container and its parents. Unbinding it
 * (`unbindAllAsync()`, `unloadAsync(module)`) closes the backends it opened.
 *
 * @param options.env Environment variables searched for server tokens. Default: `process.env`.
 */
export function switchyardModule({ env }: { readonly env?: Environment | undefined } = {}): ContainerModule {
  return new ContainerModule(({ bind }) => {
    bind(tokens.switchyard)
      .toResolvedValue(
        (definitions: BackendDefinition[] | undefined) => new SwitchyardContainer(definitions ?? [], env),
        [{ serviceIdentifier: tokens.backendDefinition, isMultiple: true, chained: true, optional: true }],
      )
      .inSingletonScope()
      .onDeactivation((container) => container.close());
  });
}
