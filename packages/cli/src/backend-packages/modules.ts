import type { ContainerSettings } from '@switchyard/storage-container';
import type { BackendDefinition } from '@switchyard/storage-core/backend';
import { CliError } from '../cli-error.js';
import { isDefinition } from './load-package.js';

/** A backend's definition, or a module that registers backends with a container. */
export type BackendModule = BackendDefinition | ContainerSettings['modules'][number];

/** Returns the definitions of modules. The container with modules is only loaded if one is given. */
export async function definitionsOf(
  modules: readonly BackendModule[],
): Promise<readonly BackendDefinition[]> {
  const definitions = modules.map((one) => (isDefinition(one) ? [one] : definitionsIn(one)));
  return (await Promise.all(definitions)).flat();
}

async function definitionsIn(
  module: ContainerSettings['modules'][number],
): Promise<readonly BackendDefinition[]> {
  const { createContainer } = await import('@switchyard/storage-container');
  try {
    return createContainer({ modules: [module] }).definitions;
  } catch (error) {
    throw new CliError(
      'CLI_BACKEND',
      'One of the modules given to run() is neither a backend definition nor a module of a container.',
      'Pass definitions such as libsqlBackend, or what backendModule() returns.',
      error,
    );
  }
}
