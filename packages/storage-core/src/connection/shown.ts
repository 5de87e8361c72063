import type { Connection, Location } from './connection.js';
import { Secret } from './secret.js';

/**
 * Parts of a connection string that messages may repeat. User input can contain a secret anywhere, so only recognized
 * parts are shown: known names, numbers, files and hosts.
 */

/**
 * Server address for messages. A user and a password are left out.
 *
 * @param showPath False if the path may contain a token: it is then shown as `/…`.
 */
export function shownUrl(url: string, showPath = false): string {
  const parts = /^([a-z][a-z0-9+.-]*:\/\/)(?:[^/?#@]*@)?([^/?#@]+)(.*)$/is.exec(url);
  if (parts === null) return '…';
  const [, scheme = '', host = '', rest = ''] = parts;
  if (rest === '' || rest === '/') return `${scheme}${host}`;
  return `${scheme}${host}${showPath ? rest : '/…'}`;
}

/** Returns the whole connection string without its secrets. */
export function shownConnection(
  target: string,
  location: Location,
  options: ReadonlyMap<string, Connection['options'][string]>,
  { replicaOption, showPath }: { readonly replicaOption: string | undefined; readonly showPath: boolean },
): string {
  const shownOptions = [...options].map(([name, value]) => {
    const isServer = location.type === 'replica' && name === replicaOption;
    return `${name}=${isServer ? encodeURIComponent(shownUrl(location.syncUrl)) : shownValue(value)}`;
  });
  const shownTarget = location.type === 'server' ? shownUrl(location.url, showPath) : target;
  return shownOptions.length === 0 ? shownTarget : `${shownTarget}?${shownOptions.join('&')}`;
}

function shownValue(value: Connection['options'][string]): string {
  if (value instanceof Secret) return '[redacted]';
  // Text without a list of allowed values is specific to the backend and may contain anything.
  return typeof value === 'string' && !/^[a-z]{1,16}$/.test(value) ? '…' : String(value);
}

/** Quoted name of a scheme after a space; empty if it may be a user name or a token. */
export function shownScheme(scheme: string): string {
  return /^[a-z][a-z+-]{1,15}$/.test(scheme) ? ` '${scheme}:'` : '';
}

/** Spellings of the option for a token. */
const TOKEN_NAMES = new Set(['authtoken', 'token', 'jwt', 'auth', 'accesstoken', 'apikey', 'password']);

/**
 * Quoted name of an unknown option after a space, with the correct one. Empty for a name that resembles no known one:
 * it may be a token after a forgotten `authToken=`.
 */
export function shownOptionName(
  name: string,
  known: readonly string[],
  tokenOption: string | undefined,
): string {
  const plain = simplify(name);
  if (TOKEN_NAMES.has(plain) && tokenOption !== undefined) {
    return ` '${name}' (a token is given as ${tokenOption}=TOKEN)`;
  }
  const resembles = plain.length >= 4 && known.some((one) => simplify(one).startsWith(plain));
  return resembles ? ` '${name}'` : '';
}

function simplify(name: string): string {
  return name.toLowerCase().replaceAll(/[_-]/g, '');
}
