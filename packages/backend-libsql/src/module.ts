import { backendModule } from '@switchyard/storage-container';
import { libsqlBackend } from './definition.js';

/** Makes the libSQL backend known to a container. */
export const libsqlModule = backendModule(libsqlBackend);
