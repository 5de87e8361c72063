import { backendModule } from '@switchyard/storage-container';
import { sqliteVecBackend } from './definition.js';

/** Registers the legacy backend with a container. */
export const sqliteVecModule = backendModule(sqliteVecBackend);
