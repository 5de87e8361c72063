import type { StorageBackend } from '@switchyard/storage-core';
import { type CommandContext, openBackend } from '../command-context.js';
import { loadConversion } from '../legacy/conversion.js';

/** Opens a store for reading only. A legacy file is opened read-only, at any level. */
export async function openSource(context: CommandContext, connectionString: string): Promise<StorageBackend> {
  const { backend, location } = context.switchyard.parse(connectionString);
  if (backend !== 'sqlite-vec' || location.type !== 'file') {
    return openBackend(context, connectionString, { mustExist: true });
  }
  const { LegacySource } = await loadConversion();
  const source = new LegacySource({ path: location.path });
  await source.open({ signal: context.signal });
  return source;
}
