import 'reflect-metadata';
import type { BackendDefinition } from '@switchyard/storage-core/backend';
import { ContainerModule } from 'inversify';
import { tokens } from './tokens.js';

/**
 * The inversify module that makes a backend known. Each adapter exports one; adding or deleting a backend is one line
 * in the list of modules an application loads.
 *
 * Nothing is constructed or opened by loading it.
 */
export function backendModule(definition: BackendDefinition): ContainerModule {
  return new ContainerModule(({ bind }) => {
    bind(tokens.backendDefinition).toConstantValue(definition);
  });
}
