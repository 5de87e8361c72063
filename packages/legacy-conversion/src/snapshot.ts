import { renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { releaseClosedConnections } from '@switchyard/backend-libsql/bulk';
import { quoteText } from './quote.js';
import { sizeOf } from './sizes.js';
import { attachLegacy } from './source/file.js';
import { requireRoom, type Workspace } from './workspace.js';

/**
 * Copies the current state of a legacy store that is being written to the workspace, completely or not at all.
 *
 * @throws StorageError `STORAGE_DISK_FULL`.
 */
export async function takeSnapshot(source: string, workspace: Workspace): Promise<void> {
  const { snapshot, folder } = workspace;
  const unfinished = `${snapshot}.unfinished`;
  rmSync(unfinished, { force: true });
  requireRoom(sizeOf(source), workspace.freeBytes(), dirname(folder));
  const driver = await attachLegacy(source, null);
  try {
    driver.exec(`VACUUM legacy INTO ${quoteText(unfinished)}`);
  } finally {
    driver.close();
  }
  await releaseClosedConnections();
  renameSync(unfinished, snapshot);
}
