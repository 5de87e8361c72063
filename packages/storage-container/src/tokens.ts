import type { BackendDefinition } from '@switchyard/storage-core/backend';
import type { ServiceIdentifier } from 'inversify';
import type { SwitchyardContainer } from './switchyard-container.js';

/**
 * Service identifiers that Switchyard binds and resolves. The symbols are registered globally, so that two copies of
 * this package in one process share the same services.
 */
export const tokens = {
  /** The registered backends: bound once by each backend module, resolved as a list. */
  backendDefinition: Symbol.for('@switchyard/BackendDefinition') as ServiceIdentifier<BackendDefinition>,
  /** The one {@link SwitchyardContainer} of a container, bound by `switchyardModule()`. */
  switchyard: Symbol.for('@switchyard/Container') as ServiceIdentifier<SwitchyardContainer>,
} as const;
