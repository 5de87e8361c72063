import { realpathSync } from 'node:fs';
import { delimiter, dirname, isAbsolute } from 'node:path';
import type { Environment } from '@switchyard/storage-container/standalone';

/** Environment variable with configuration files that may load code from every folder below them. */
export const TRUSTED_VARIABLE = 'SWITCHYARD_TRUSTED_CONFIGS';

/**
 * Returns true if a configuration file may load code: one in the working folder, or one that the user named as trusted. A
 * file found in a folder above may belong to something the user only happens to work below.
 */
export function mayLoadCode(file: string, cwd: string, env: Environment): boolean {
  if (realPath(dirname(file)) === realPath(cwd)) return true;
  const trusted = (env[TRUSTED_VARIABLE] ?? '').split(delimiter).filter((one) => isAbsolute(one));
  return trusted.some((one) => realPath(one) === realPath(file));
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
