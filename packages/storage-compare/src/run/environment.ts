import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import { dirname } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Environment } from '../types.js';

/** Describes the machine and the running code. */
export async function describeEnvironment(): Promise<Environment> {
  const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    readonly version: string;
  };
  const processors = cpus();
  return {
    switchyard: manifest.version,
    commit: await commitOf(dirname(fileURLToPath(import.meta.url))),
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    cpu: processors[0]?.model.trim() ?? 'unknown',
    cores: processors.length,
    memoryBytes: totalmem(),
    load: loadavg()[0] ?? 0,
  };
}

/** The commit of the checkout that holds this file; null when it was installed as a package, or without git. */
async function commitOf(folder: string): Promise<string | null> {
  if (folder.includes('node_modules')) return null;
  try {
    const { stdout } = await promisify(execFile)('git', ['-C', folder, 'describe', '--always', '--dirty']);
    return stdout.trim();
  } catch {
    return null;
  }
}
