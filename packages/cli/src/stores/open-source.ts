import { LegacySource } from '@switchyard/legacy-conversion';
import type { StorageBackend } from '@switchyard/storage-core';
import { type CommandContext, openBackend } from '../command-context.js';

/**
 * Opens a store that is only going to be read. A legacy file is opened so that it cannot be written, and serves whatever
 * its level is.
 */
export async function openSource(context: CommandContext, connectionString: string): Promise<StorageBackend> {
  const { backend, location } = context.switchyard.parse(connectionString);
  if (backend !== 'sqlite-vec' || location.type !== 'file') {
    return openBackend(context, connectionString, { mustExist: true });
  }
  const source = new LegacySource({ path: location.path });
  await source.open({ signal: context.signal });
  return source;
}
