import { StorageError } from '../errors/storage-error.js';
import type { Credentials } from './connection.js';
import { fail } from './fail.js';
import { Secret } from './secret.js';
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

/** Expected form of the address of a server. */
export interface ServerForm {
  readonly protocols: readonly string[];
  readonly credentials: boolean;
  readonly tokenVariables: readonly string[];
  /** Name of the option for the token; undefined without one. */
  readonly tokenOption: string | undefined;
  /** Name of the option that makes a file a replica; undefined without one. */
  readonly replicaOption: string | undefined;
  /** Example of an address. */
  readonly example: string;
}

/** A parsed address of a server. */
export interface ServerAddress {
  /** The URL without credentials. */
  readonly url: string;
  /** User and password of the URL, if it has them. */
  readonly credentials: Credentials | undefined;
}

/** @throws StorageError `STORAGE_CONNECTION_STRING`, which repeats no part that may be a secret. */
export function parseServerUrl(text: string, form: ServerForm): ServerAddress {
  const { protocols, replicaOption, tokenOption } = form;
  const write = `write ${form.example}`;
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    // The URL may contain a secret: it is neither repeated nor kept as a cause.
    return fail(`The address of the server is not a URL: ${write}.`);
  }
  if (url.protocol === 'file:' && replicaOption !== undefined) {
    fail(
      `A file is not the address of a server: write the replica first and the server after it, as in file:replica.db?${replicaOption}=${form.example}.`,
    );
  }
  if (!protocols.includes(url.protocol)) {
    const scheme = shownScheme(url.protocol.slice(0, -1));
    const allowed = protocols.map((protocol) => `${protocol}//`);
    const list =
      allowed.length === 1 ? allowed[0] : `${allowed.slice(0, -1).join(', ')} or ${allowed.at(-1)}`;
    fail(`The scheme of a server is ${list}${scheme === '' ? '.' : `, not${scheme}.`}`);
  }
  if (url.hostname === '') fail(`The address of the server has no host: ${write}.`);
  if (!form.credentials && (url.username !== '' || url.password !== '')) {
    fail(`The address of a server cannot contain a user or password${tokenHint(form)}.`);
  }
  // The rest of the URL may be a token, and would be lost silently.
  if (url.search !== '' || url.hash !== '') {
    const replica =
      replicaOption === undefined
        ? `${form.example}?OPTION=VALUE`
        : `file:replica.db?${replicaOption}=${form.example}${tokenOption === undefined ? '' : `&${tokenOption}=TOKEN`}`;
    fail(
      `The address of a server has no options or fragment of its own: all options follow the first ? of the connection string, as in ${replica}.`,
    );
  }
  if (/[&;=]|%26|%3b|%3d|%3f|%23/i.test(url.host + url.pathname)) {
    const option = tokenOption === undefined ? 'OPTION=VALUE' : `${tokenOption}=TOKEN`;
    fail(`Options follow a ? after the address of the server, as in ${form.example}?${option}.`);
  }
  // What follows an @ was meant as the host: the path begins inside the password, and would be shown.
  if (form.credentials && /@|%40/.test(url.pathname)) {
    fail('A slash in the user or password of the address must be percent-encoded.');
  }
  if (!isHost(url.hostname)) fail(`The address of the server has an invalid host name: ${write}.`);
  return {
    url: `${url.protocol}//${url.host}${url.pathname === '/' ? '' : url.pathname}`,
    credentials: credentialsOf(url),
  };
}

function tokenHint({ tokenOption, tokenVariables: [variable] }: ServerForm): string {
  if (tokenOption === undefined && variable === undefined) return '';
  const places = [tokenOption && `as ?${tokenOption}=TOKEN`, variable && `in ${variable}`].filter(Boolean);
  return `: pass the token ${places.join(' or ')}`;
}

function isHost(hostname: string): boolean {
  const labels = hostname.split('.');
  return (
    hostname.startsWith('[') || labels.every((label) => label.length <= MAX_LABEL && /^[\w%-]*$/.test(label))
  );
}

/** @throws StorageError `STORAGE_CONNECTION_STRING` for percent-encoding that does not decode. */
function credentialsOf({ username, password }: URL): Credentials | undefined {
  if (username === '' && password === '') return undefined;
  try {
    return {
      user: decodeURIComponent(username),
      password: password === '' ? null : new Secret(decodeURIComponent(password)),
    };
  } catch {
    return fail('The user or password in the address of the server is not correctly percent-encoded.');
  }
}
