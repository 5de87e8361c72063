import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { StorageError } from '@switchyard/storage-core';
import { BACKEND_NAME } from '../capabilities.js';

/** First version of better-sqlite3 that ends the process on Node.js below {@link NODE_MIN} rather than throwing. */
const DRIVER_SINCE = 13;
const NODE_MIN = 22;

let installed: string | undefined;

/**
 * Refuses to load a driver that would crash this process: better-sqlite3 13, installed for a newer Node.js, ends Node.js 20
 * with a segmentation fault.
 *
 * @throws StorageError `STORAGE_NOT_SUPPORTED`
 */
export function requireLoadableDriver(
  driver: string = installedVersion(),
  node: string = process.versions.node,
): void {
  if (majorOf(driver) < DRIVER_SINCE || majorOf(node) >= NODE_MIN) return;
  throw new StorageError(
    'STORAGE_NOT_SUPPORTED',
    `better-sqlite3 ${driver} would crash Node ${node}: it needs Node ${NODE_MIN} or later.`,
    {
      backend: BACKEND_NAME,
      advice: 'Install the packages again with this version of Node, or run npm install better-sqlite3@12.',
    },
  );
}

function majorOf(version: string): number {
  return Number(version.split('.')[0]);
}

/** Returns the version of the installed package, which does not export its manifest; `0` if it cannot be found out. */
function installedVersion(): string {
  installed ??= readVersion();
  return installed;
}

function readVersion(): string {
  try {
    const entry = createRequire(import.meta.url).resolve('better-sqlite3');
    const manifest: unknown = JSON.parse(readFileSync(join(dirname(entry), '..', 'package.json'), 'utf8'));
    return (manifest as { readonly version: string }).version;
  } catch {
    return '0'; // loading the driver reports what is wrong
  }
}
