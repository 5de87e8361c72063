import { StorageError } from '@switchyard/storage-core';
import type { BackendDefinition } from '@switchyard/storage-core/backend';

/** A package that provides a backend and may not be installed. */
export interface OptionalPackage {
  /** Stores that need it, for the message: `Legacy stores ('sqlite-vec:')`. */
  readonly stores: string;
  /** Imports the package. The `import()` stands in the caller's module, beside which the package is looked for. */
  readonly load: () => Promise<BackendDefinition>;
  /** Sentence after the advice to install what is missing. Default: none. */
  readonly advice?: string | undefined;
}

/** A backend whose connection strings are known before its package is loaded. */
export interface OptionalBackend extends BackendDefinition {
  /**
   * Loads the package; `create` works afterwards. `SwitchyardContainer.openBackend()` calls it.
   *
   * @throws StorageError `STORAGE_NOT_SUPPORTED` if it, or a package it needs, is not installed.
   */
  load(): Promise<void>;
}

/**
 * Defines a backend whose package is loaded when its first store is opened.
 *
 * @param forms Connection strings, which must equal those of the package.
 */
export function optionalBackend(
  forms: Pick<BackendDefinition, 'name' | 'schemes' | 'options'>,
  source: OptionalPackage,
): OptionalBackend {
  let loaded: BackendDefinition | null = null;
  return {
    ...forms,
    async load() {
      loaded ??= await importBackend(source);
    },
    create(connection, options) {
      if (loaded === null) throw new TypeError(`Call load() of the ${forms.name} backend before create().`);
      return loaded.create(connection, options);
    },
  };
}

/** Returns true for a backend of {@link optionalBackend}. */
export function isOptional(definition: BackendDefinition): definition is OptionalBackend {
  return 'load' in definition && typeof definition.load === 'function';
}

/**
 * Imports a backend from a package that may not be installed.
 *
 * @throws StorageError `STORAGE_NOT_SUPPORTED` that names the missing package: the backend's own, or one that it needs.
 */
export async function importBackend({ stores, load, advice }: OptionalPackage): Promise<BackendDefinition> {
  try {
    return await load();
  } catch (cause) {
    const missing = missingPackage(cause);
    if (missing === null) throw cause;
    const install = `Install it beside the program: npm install ${missing}.`;
    throw new StorageError(
      'STORAGE_NOT_SUPPORTED',
      `${stores} need the package ${missing}, which is not installed.`,
      {
        advice: advice === undefined ? install : `${install} ${advice}`,
        cause,
      },
    );
  }
}

/** Returns the name of the package that an import could not find; null for other errors. */
function missingPackage(error: unknown): string | null {
  if (!(error instanceof Error && 'code' in error)) return null;
  if (error.code !== 'ERR_MODULE_NOT_FOUND' && error.code !== 'MODULE_NOT_FOUND') return null;
  const specifier = /^Cannot find (?:package|module) '([^'./\\][^'\\]*)'/.exec(error.message)?.[1];
  return specifier?.split('/', specifier.startsWith('@') ? 2 : 1).join('/') ?? null;
}
