import type { StorageBackend } from '@switchyard/storage-core';
import { type CommandContext, openBackend } from '../command-context.js';

/** Opens a store for reading only. A legacy file is opened read-only, at any level. */
export async function openSource(context: CommandContext, connectionString: string): Promise<StorageBackend> {
  const { backend, location } = context.switchyard.parse(connectionString);
  const own = context.builtIns.find((one) => one.backend.name === backend);
  if (own?.openReadOnly !== undefined && location.type === 'file') {
    return own.openReadOnly(location.path, context.signal);
  }
  return openBackend(context, connectionString, { mustExist: true });
}
