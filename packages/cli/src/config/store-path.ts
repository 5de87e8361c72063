import { isAbsolute, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Connection } from '@switchyard/storage-core';
import type { BackendDefinition } from '@switchyard/storage-core/backend';

/** Characters that have a meaning in a connection string, and therefore cannot be part of a plain path. */
const SPECIAL = /[?%#&;=]/;

/**
 * Resolves the path in a connection string against a folder. Absolute paths and stores without a path stay unchanged.
 *
 * @param connection The same string, parsed.
 */
export function resolveStorePath(
  text: string,
  { location }: Pick<Connection, 'location'>,
  folder: string,
  definitions: readonly Pick<BackendDefinition, 'schemes'>[],
): string {
  if ((location.type !== 'file' && location.type !== 'replica') || isAbsolute(location.path)) return text;
  const trimmed = text.trim();
  const mark = trimmed.indexOf('?');
  const query = mark === -1 ? '' : trimmed.slice(mark);
  const path = resolve(folder, location.path);
  const prefixes = definitions
    .flatMap(({ schemes }) => schemes.map(({ prefix }) => prefix))
    .filter((prefix) => trimmed.toLowerCase().startsWith(prefix.toLowerCase()))
    .sort((a, b) => b.length - a.length);
  const [prefix = ''] = prefixes;
  if ((prefix === '' || prefix === 'file:') && SPECIAL.test(path))
    return `${pathToFileURL(path).href}${query}`;
  return `${prefix}${path}${query}`;
}
