import { libsqlBackend } from '@switchyard/backend-libsql';
import { legacyBackend, loadLegacyBackend } from './legacy/backend.js';

/** Backends of the command. Adding or deleting a backend takes one line here. */
export const backends = [libsqlBackend, legacyBackend];

/** Loaders of backends whose packages are optional, by name. Must run before such a backend is created. */
const loaders: Readonly<Record<string, () => Promise<void>>> = { [legacyBackend.name]: loadLegacyBackend };

/**
 * Loads the package of a backend, if it is not part of the command.
 *
 * @throws StorageError `STORAGE_NOT_SUPPORTED` if it is not installed.
 */
export async function loadBackend(name: string): Promise<void> {
  await loaders[name]?.();
}
