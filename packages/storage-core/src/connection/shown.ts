import type { Connection, Location } from './connection.js';
import type { BackendDefinition } from './definition.js';
import { Secret } from './secret.js';

/**
 * The parts of a connection string that messages may repeat. A secret can stand anywhere in what a person typed, so
 * only what was understood is shown: what is not a known name, a number, a file or a host is left out.
 */

/** The address of a server as messages show it: a path may hold a token and is shown as `/…`. */
export function shownUrl(url: string): string {
  const parts = /^([a-z][a-z0-9+.-]*:\/\/)(?:[^/?#@]*@)?([^/?#@]+)(.*)$/is.exec(url);
  if (parts === null) return '…';
  const [, scheme = '', host = '', rest = ''] = parts;
  return `${scheme}${host}${rest === '' || rest === '/' ? '' : '/…'}`;
}

/** The whole connection string without its secrets. */
export function shownConnection(
  target: string,
  location: Location,
  options: ReadonlyMap<string, Connection['options'][string]>,
): string {
  const shownOptions = [...options].map(([name, value]) => `${name}=${shownValue(name, value, location)}`);
  const shownTarget = location.type === 'server' ? shownUrl(location.url) : target;
  return shownOptions.length === 0 ? shownTarget : `${shownTarget}?${shownOptions.join('&')}`;
}

function shownValue(name: string, value: Connection['options'][string], location: Location): string {
  if (value instanceof Secret) return '[redacted]';
  if (location.type === 'replica' && name === 'syncUrl')
    return encodeURIComponent(shownUrl(location.syncUrl));
  // A text that is not one of a list is the backend's own affair, and may be anything.
  return typeof value === 'string' && !/^[a-z]{1,16}$/.test(value) ? '…' : String(value);
}

/** The name of a scheme in quotes behind a space; empty where it may be a user's name or a token. */
export function shownScheme(scheme: string): string {
  return /^[a-z][a-z+-]{1,15}$/.test(scheme) ? ` '${scheme}:'` : '';
}

/** Spellings of `authToken`. */
const TOKEN_NAMES = new Set(['authtoken', 'token', 'jwt', 'auth', 'accesstoken', 'apikey', 'password']);

/**
 * The name of an unknown option in quotes behind a space, with the right one. Empty for a name that resembles no
 * known one: it may be a token behind a forgotten `authToken=`.
 */
export function shownOptionName(
  name: string,
  backends: readonly Pick<BackendDefinition, 'options'>[],
): string {
  const plain = simplify(name);
  if (TOKEN_NAMES.has(plain)) return ` '${name}' (a token is given as authToken=TOKEN)`;
  const known = backends.flatMap(({ options }) => options).map((option) => option.name);
  const resembles = plain.length >= 4 && known.some((one) => simplify(one).startsWith(plain));
  return resembles ? ` '${name}'` : '';
}

function simplify(name: string): string {
  return name.toLowerCase().replaceAll(/[_-]/g, '');
}
