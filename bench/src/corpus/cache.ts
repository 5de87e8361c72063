import { mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { env } from 'node:process';

/** Folder for results kept between runs: `SWITCHYARD_BENCH_CACHE`, else the user's cache folder. */
export function cacheFolder(): string {
  const folder =
    env.SWITCHYARD_BENCH_CACHE ?? join(env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'switchyard-bench');
  mkdirSync(folder, { recursive: true });
  return folder;
}
