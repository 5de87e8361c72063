import { realpathSync, statSync } from 'node:fs';
import { delimiter, dirname, isAbsolute } from 'node:path';
import type { Environment } from '@switchyard/storage-container/standalone';

/** Environment variable with configuration files that may load code from every folder below them. */
export const TRUSTED_VARIABLE = 'SWITCHYARD_TRUSTED_CONFIGS';

/**
 * Returns true if a configuration file may load code: one in the working folder that belongs to the user or root, or one that
 * the user named as trusted. A file found in a folder above may belong to something the user only happens to work below, and
 * root must not run what another user left in a folder.
 */
export function mayLoadCode(file: string, cwd: string, env: Environment): boolean {
  if (realPath(dirname(file)) === realPath(cwd) && isOwn(file)) return true;
  const trusted = (env[TRUSTED_VARIABLE] ?? '').split(delimiter).filter((one) => isAbsolute(one));
  return trusted.some((one) => realPath(one) === realPath(file));
}

function isOwn(file: string): boolean {
  const user = process.getuid?.();
  return user === undefined || [0, user].includes(statSync(file).uid);
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
