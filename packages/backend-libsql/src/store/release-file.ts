import { setImmediate } from 'node:timers/promises';
import type { StoreFile } from '@switchyard/sqlite-common';
import { collectGarbage, collectYoungGarbage } from '../driver/collect-garbage.js';

/** Collection shared by all stores that are closed at the same time. */
let underWay: Promise<void> | null = null;

/**
 * Waits until the binding has released a file whose connections were closed. Version 0.5.29 has no call that finalizes a
 * statement: it does so when the statement object is collected as garbage, in the next turn of the event loop, and until
 * then the connection keeps its descriptors and locks. So a collection is requested: of young objects if that is enough
 * (less than a millisecond), otherwise of all (5 to 15 milliseconds with a heap of 100 MB).
 */
export async function releaseFile(file: StoreFile): Promise<void> {
  file.release();
  if (file.users > 0 || file.hasDescriptor() === false) return; // the last one to close it releases it
  await setImmediate(); // objects used in the current turn cannot be collected in it
  for (const collect of [collectYoungGarbage, collectGarbage, collectGarbage]) {
    underWay ??= collectOnce(collect);
    await underWay;
    if (file.hasDescriptor() === false) return;
  }
}

async function collectOnce(collect: () => void): Promise<void> {
  try {
    await setImmediate();
    collect();
    await setImmediate(); // finalizers run in the next turn
  } finally {
    underWay = null;
  }
}
