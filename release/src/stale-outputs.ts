import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const COMPILED = /\.(?:js|js\.map|d\.ts|d\.ts\.map)$/;

/**
 * Returns the compiled files of a package whose source is gone, relative to its folder. The compiler never deletes what it
 * wrote for a module that was moved or removed, so a tree that is built for months collects such files. Bundles have no source
 * of their own; the build deletes those that it replaced.
 */
export function staleOutputs(folder: string): readonly string[] {
  const dist = join(folder, 'dist');
  if (!existsSync(dist)) return [];
  return readdirSync(dist, { recursive: true, encoding: 'utf8' })
    .filter((path) => COMPILED.test(path) && !/^(?:bundle|shared)[/\\]/.test(path))
    .filter((path) => !existsSync(join(folder, 'src', path.replace(COMPILED, '.ts'))))
    .map((path) => join('dist', path));
}
