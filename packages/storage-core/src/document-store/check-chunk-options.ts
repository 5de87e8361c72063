import { checkObject, checkString } from '../runtime/check-fields.js';
import type { ChunkReadOptions } from './types.js';

/**
 * Returns the version that chunks must belong to; undefined for any.
 *
 * @throws TypeError for a library without a version or a version without a library.
 */
export function toScope(
  options: ChunkReadOptions = {},
): { readonly library: string; readonly version: string } | undefined {
  checkObject(options, 'options');
  const { library, version } = options;
  if (library === undefined && version === undefined) return undefined;
  if (library === undefined || version === undefined) {
    throw new TypeError(
      `options.${library === undefined ? 'library' : 'version'} is missing: name the library and the version, or neither.`,
    );
  }
  checkString(library, 'options.library');
  checkString(version, 'options.version');
  return { library, version };
}
