import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { entryPoints, publicPackages } from '../../release/dist/packages.js';

/** A module that users import. */
export interface EntryModule {
  /** Specifier of the import, such as `@switchyard/storage-core/backend`. */
  readonly name: string;
  /** Name of its package. */
  readonly packageName: string;
  /** Absolute path of its declarations. */
  readonly declarations: string;
  /** Absolute path of the README; only for the main module of a package. */
  readonly readme: string | null;
}

/**
 * Returns the entry points of all public packages, which must be built. Declarations rather than sources, so that one
 * compiler program holds all packages and a type is the same wherever it is re-exported.
 *
 * @param root Root of the repository.
 */
export function entryModules(root: string): readonly EntryModule[] {
  return publicPackages(root).flatMap(({ folder, manifest }) =>
    entryPoints(manifest).map((name) => {
      const target = manifest.exports?.[`.${name.slice(manifest.name.length)}`];
      const types = typeof target === 'object' ? target.types : undefined;
      if (types === undefined || !existsSync(join(folder, types))) {
        throw new Error(`${name} has no declarations: build the packages first.`);
      }
      const readme = name === manifest.name ? join(folder, 'README.md') : null;
      return { name, packageName: manifest.name, declarations: join(folder, types), readme };
    }),
  );
}
