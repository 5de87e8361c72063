import 'reflect-metadata';
import type { BackendDefinition } from '@switchyard/storage-core/backend';
import { ContainerModule } from 'inversify';
import { tokens } from './tokens.js';

/**
 * Returns the inversify module that registers a backend. Each adapter exports one, so adding or removing a backend
 * changes one line in an application's list of modules.
 *
 * Loading the module constructs and opens nothing.
 */
export function backendModule(definition: BackendDefinition): ContainerModule {
  return new ContainerModule(({ bind }) => {
    bind(tokens.backendDefinition).toConstantValue(definition);
  });
}
