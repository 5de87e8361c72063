import { StorageError } from '../errors/storage-error.js';
import type { SchemeDefinition } from './definition.js';
import { fail } from './fail.js';
import { shownScheme } from './shown.js';

/**
 * Matches apparent options without a preceding `?`, also percent-encoded: a name and an equals sign after `&`, `;` or
 * `#`, or a long word without an extension, such as a token. They would become part of a file name or of a path on a
 * server, and be shown.
 */
const STRAY_OPTIONS =
  /(?:[&;#?]|%26|%3b|%23|%3f)(?:[\w.~%-]+(?:=|%3d)|(?![^/]*\.[a-z0-9]{1,8}$)[\w.~+=%-]{20,}$)/i;

/** `file:` URLs are percent-encoded and may begin with `//` or `//localhost`; plain paths are used unchanged. */
export function parsePath(rest: string, prefix: string): string {
  let path = rest;
  if (STRAY_OPTIONS.test(path)) {
    fail(
      'Options follow a ? after the name of the file, as in file:docs.db?busyTimeoutMs=100&migrate=manual.',
    );
  }
  if (prefix === 'file:') {
    path = path.replace(/^\/\/(?:localhost)?(?=\/)/i, '');
    if (path.startsWith('//'))
      fail('A file: URL has no host: write file:relative.db or file:///absolute.db.');
    try {
      path = decodeURIComponent(path);
    } catch (cause) {
      throw new StorageError('STORAGE_CONNECTION_STRING', 'The file: URL is not correctly percent-encoded.', {
        cause,
      });
    }
    // file:///C:/docs.db
    path = path.replace(/^\/(?=[a-z]:[\\/])/i, '');
  }
  if (path === '') fail('The connection string contains no path.');
  // Drivers would open a store in memory for it, and lose its content.
  if (path.toLowerCase() === ':memory:') fail("':memory:' is not the name of a file.");
  if (path.includes('\0')) fail('The path contains a NUL character.');
  return path;
}

/** Maximum length of a label of a host name (RFC 1035). Tokens are longer, so a longer one is not a host. */
const MAX_LABEL = 63;

export function parseServerUrl(text: string, { tokenVariables = [] }: SchemeDefinition): string {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    // The URL may contain a secret: it is neither repeated nor kept as a cause.
    return fail('The address of the server is not a URL: write libsql://HOST[:PORT].');
  }
  if (url.protocol === 'file:') {
    fail(
      'A file is not the address of a server: write the replica first and the server after it, as in file:replica.db?syncUrl=libsql://HOST.',
    );
  }
  if (!['libsql:', 'http:', 'https:'].includes(url.protocol)) {
    const scheme = shownScheme(url.protocol.slice(0, -1));
    fail(
      `The scheme of a server is libsql://, https:// or http://${scheme === '' ? '.' : `, not${scheme}.`}`,
    );
  }
  if (url.hostname === '') fail('The address of the server has no host: write libsql://HOST[:PORT].');
  if (url.username !== '' || url.password !== '') {
    const variable = tokenVariables[0] === undefined ? '' : ` or in ${tokenVariables[0]}`;
    fail(
      `The address of a server cannot contain a user or password: pass the token as ?authToken=TOKEN${variable}.`,
    );
  }
  // The rest of the URL may be a token, and would be lost silently.
  if (url.search !== '' || url.hash !== '') {
    fail(
      'The address of a server has no options or fragment of its own: all options follow the first ? of the connection string, as in file:replica.db?syncUrl=libsql://HOST&authToken=TOKEN.',
    );
  }
  if (/[&;=]|%26|%3b|%3d|%3f|%23/i.test(url.host + url.pathname)) {
    fail('Options follow a ? after the address of the server, as in libsql://HOST?authToken=TOKEN.');
  }
  const labels = url.hostname.split('.');
  const isAddress = url.hostname.startsWith('[');
  if (!isAddress && labels.some((label) => label.length > MAX_LABEL || !/^[\w%-]*$/.test(label))) {
    fail('The address of the server has an invalid host name: write libsql://HOST[:PORT].');
  }
  return `${url.protocol}//${url.host}${url.pathname === '/' ? '' : url.pathname}`;
}
