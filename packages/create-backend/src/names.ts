import validatePackageName from 'validate-npm-package-name';
import { CreateError } from './create-error.js';

/** Schemes that mean something else to every application of Switchyard. */
const takenSchemes = ['file', 'http', 'https', 'libsql', 'memory', 'sqlite', 'sqlite-vec', 'ws', 'wss'];

/** Names of a new backend, in the forms that its files need. */
export interface BackendNames {
  /** Name of the package, such as `@me/switchyard-shelf`. */
  readonly packageName: string;
  /** Scheme of its connection strings and name of the backend, such as `shelf`. */
  readonly scheme: string;
  /** Name of its class without the word Backend, such as `Shelf`. */
  readonly className: string;
}

/**
 * Checks the names of a new backend and derives those that are not given.
 *
 * @param folderName Last part of the path of its folder.
 * @throws CreateError `CREATE_INVALID_NAME`, `CREATE_INVALID_SCHEME`.
 */
export function resolveNames(
  folderName: string,
  given: { readonly name?: string | undefined; readonly scheme?: string | undefined },
): BackendNames {
  const packageName = given.name ?? folderName.toLowerCase();
  checkPackageName(packageName);
  const scheme = given.scheme ?? schemeOf(packageName);
  checkScheme(scheme);
  return { packageName, scheme, className: classNameOf(scheme) };
}

/** @throws CreateError `CREATE_INVALID_NAME` */
export function checkPackageName(name: string): void {
  const result = validatePackageName(name);
  if (result.validForNewPackages) return;
  const reasons = [...(result.errors ?? []), ...(result.warnings ?? [])].join('; ');
  throw new CreateError(
    'CREATE_INVALID_NAME',
    `npm does not accept the package name ${JSON.stringify(name)}: ${reasons}.`,
    'Choose another with --name, such as switchyard-shelf or @me/shelf.',
  );
}

/** @throws CreateError `CREATE_INVALID_SCHEME` */
export function checkScheme(scheme: string): void {
  const action = 'Choose another with --scheme, such as shelf: connection strings then begin with shelf:.';
  // One letter is a drive on Windows.
  if (!/^[a-z][a-z0-9]*(?:[.+-][a-z0-9]+)*$/.test(scheme) || scheme.length < 2) {
    throw new CreateError(
      'CREATE_INVALID_SCHEME',
      `${JSON.stringify(scheme)} cannot be a scheme: it takes two or more lower-case letters and digits, with single dots, hyphens or plus signs between them, and begins with a letter.`,
      action,
    );
  }
  if (takenSchemes.includes(scheme)) {
    throw new CreateError(
      'CREATE_INVALID_SCHEME',
      `The scheme ${scheme} already has another meaning.`,
      action,
    );
  }
}

/** Derives the scheme from a package name: `@me/switchyard-backend-shelf` is for `shelf`. */
function schemeOf(packageName: string): string {
  const name = packageName.replace(/^@[^/]*\//, '').replaceAll('_', '-');
  const short = name.replace(/^switchyard-/, '').replace(/^backend-/, '');
  return short.replace(/-backend$/, '') || name;
}

function classNameOf(scheme: string): string {
  const words = scheme.split(/[^a-z0-9]+/);
  return words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
}
