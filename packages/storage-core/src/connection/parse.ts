import type { Connection, Credentials, Location } from './connection.js';
import { ConnectionForm, type KnownBackend } from './connection-form.js';
import type { OptionDefinition, SchemeDefinition } from './definition.js';
import { fail } from './fail.js';
import { parsePath, parseServerUrl } from './locations.js';
import { refuseJoinedUrl, schemeHint } from './scheme-hint.js';
import { Secret } from './secret.js';
import { shownConnection, shownOptionName, shownScheme } from './shown.js';

/** Options of {@link parseConnectionString}. */
export interface ParseOptions {
  /** Known backends. */
  readonly backends: readonly KnownBackend[];
  /** Environment variables that may contain a token, for strings without one. Default: none. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
}

/**
 * Parses a connection string: `[scheme]location[?option=value&…]`. Surrounding white space is ignored.
 *
 * @throws StorageError `STORAGE_CONNECTION_STRING` for an unknown scheme or option, a value of the wrong type, or a
 * token without a server; the message lists the known ones and never repeats a value that may be a secret.
 *
 * @example
 * ```ts
 * const connection = parseConnectionString('docs.db?busyTimeoutMs=100', { backends: [libsqlBackend] });
 * connection.location; // { type: 'file', path: 'docs.db' }
 * ```
 */
export function parseConnectionString(text: string, { backends, env = {} }: ParseOptions): Connection {
  if (typeof text !== 'string' || text.trim() === '')
    fail(`The connection string is empty. ${knownSchemes(backends)}`);
  const trimmed = text.trim();
  const mark = trimmed.indexOf('?');
  const target = mark === -1 ? trimmed : trimmed.slice(0, mark);
  const query = mark === -1 ? '' : trimmed.slice(mark + 1);

  const { backend, scheme } = findScheme(target, backends);
  const form = new ConnectionForm(backend, scheme);
  const options = parseOptions(query, form, backends);
  const { location, credentials } = parseLocation(target, form, options);
  const { tokenOption, replicaOption } = form;
  const given = tokenOption === undefined ? undefined : options.get(tokenOption);
  if (given instanceof Secret && given.reveal() !== '') refuseUselessToken(location, form);
  const redacted = shownConnection(target, location, options, form);
  const token = given instanceof Secret ? given : tokenFromEnvironment(location, form, env);
  if (tokenOption !== undefined) options.delete(tokenOption);
  if (replicaOption !== undefined) options.delete(replicaOption);

  return {
    backend: backend.name,
    location,
    // An empty token means no token, even if the environment contains one.
    authToken: token === undefined || token.reveal() === '' ? null : token,
    ...(credentials === undefined ? {} : { credentials }),
    options: Object.fromEntries(options),
    redacted,
  };
}

type OptionValue = Connection['options'][string];

function knownSchemes(backends: readonly KnownBackend[]): string {
  const lines = backends.flatMap((backend) =>
    backend.schemes.map((scheme) => `  ${scheme.example}  (${scheme.description})`),
  );
  return `Known forms:\n${lines.join('\n')}`;
}

function findScheme(
  target: string,
  backends: readonly KnownBackend[],
): { backend: KnownBackend; scheme: SchemeDefinition } {
  let plain: { backend: KnownBackend; scheme: SchemeDefinition } | undefined;
  let best: { backend: KnownBackend; scheme: SchemeDefinition } | undefined;
  for (const backend of backends) {
    for (const scheme of backend.schemes) {
      if (scheme.prefix === '') plain = { backend, scheme };
      else if (matches(target, scheme) && scheme.prefix.length > (best?.scheme.prefix.length ?? 0)) {
        best = { backend, scheme };
      }
    }
  }
  if (best !== undefined) return best;
  // A single letter before the colon is a Windows drive, and a separator before it makes it part of a path. An apparent
  // user and host are not a file either.
  const unknown = (/^([a-z][a-z0-9+.-]+):/i.exec(target) ??
    /^([^\\/:]{2,}):(?:\/\/|[^\\/]*@)/.exec(target))?.[1];
  const prefixes = backends.flatMap(({ schemes }) => schemes.map(({ prefix }) => prefix));
  if (unknown !== undefined) {
    const hint = schemeHint(target, unknown, prefixes);
    const shown = shownScheme(unknown);
    // A misspelled scheme is not one that somebody else may serve.
    const details = shown === '' || hint !== '' ? undefined : { unknownScheme: unknown.toLowerCase() };
    fail(`Unknown scheme${shown}.${hint} ${knownSchemes(backends)}`, details);
  }
  refuseJoinedUrl(target, prefixes);
  if (plain === undefined) fail(`No backend serves a plain path. ${knownSchemes(backends)}`);
  return plain;
}

function matches(target: string, { prefix, location }: SchemeDefinition): boolean {
  const head = target.slice(0, prefix.length).toLowerCase();
  const form = prefix.toLowerCase();
  return location === 'memory' ? target.toLowerCase() === form : head === form;
}

function parseLocation(
  target: string,
  form: ConnectionForm,
  options: ReadonlyMap<string, OptionValue>,
): { readonly location: Location; readonly credentials?: Credentials | undefined } {
  const { scheme, replicaOption } = form;
  const syncUrl = replicaOption === undefined ? undefined : options.get(replicaOption);
  if (scheme.location !== 'path' && syncUrl !== undefined) {
    fail(
      `${replicaOption}= requires a local file that replicates a server: file:replica.db?${replicaOption}=${form.serverExample}`,
    );
  }
  switch (scheme.location) {
    case 'memory':
      return { location: { type: 'memory' } };
    case 'server': {
      const { url, credentials } = parseServerUrl(target, form.ofServer());
      return { location: { type: 'server', url }, credentials };
    }
    case 'path': {
      const path = parsePath(target.slice(scheme.prefix.length), scheme.prefix);
      if (typeof syncUrl !== 'string') return { location: { type: 'file', path } };
      const { url } = parseServerUrl(syncUrl, form.ofReplica());
      return { location: { type: 'replica', path, syncUrl: url } };
    }
  }
}

function parseOptions(
  query: string,
  form: ConnectionForm,
  backends: readonly KnownBackend[],
): Map<string, OptionValue> {
  const values = new Map<string, OptionValue>();
  for (const [name, value] of new URLSearchParams(query)) {
    const definition = form.options.find((option) => option.name === name);
    if (definition === undefined) {
      const known = form.options.map((option) => option.name);
      const all = backends.flatMap(({ options, schemes }) => [
        ...options,
        ...schemes.flatMap((scheme) => scheme.options ?? []),
      ]);
      const shown = shownOptionName(
        name,
        all.map((option) => option.name),
        form.tokenOption ?? all.find(({ type }) => type === 'token')?.name,
      );
      fail(
        `Unknown option${shown} for the ${form.backend.name} backend. Known options: ${known.join(', ') || 'none'}.`,
      );
    }
    if (values.has(name)) fail(`The option '${name}' is set twice.`);
    values.set(name, parseValue(definition, value));
  }
  return values;
}

function parseValue(definition: OptionDefinition, value: string): OptionValue {
  const { name, type, values, min = Number.MIN_SAFE_INTEGER, max = Number.MAX_SAFE_INTEGER } = definition;
  switch (type) {
    case 'integer': {
      const number = /^-?\d+$/.test(value) ? Number(value) : Number.NaN;
      if (!(number >= min && number <= max))
        fail(`The option ${name}= takes a whole number from ${min} to ${max}.`);
      return number;
    }
    case 'boolean':
      if (value !== 'true' && value !== 'false') fail(`The option ${name}= takes true or false.`);
      return value === 'true';
    case 'string':
    case 'server':
      if (values !== undefined && !values.includes(value))
        fail(`The option ${name}= takes one of ${values.join(', ')}.`);
      return value;
    case 'secret':
    case 'token':
      return new Secret(value);
  }
}

/** A token implies a server: without this error, a forgotten address of the server would go unnoticed. */
function refuseUselessToken(
  { type }: Location,
  { tokenOption, replicaOption, serverExample }: ConnectionForm,
): void {
  if (type === 'server' || type === 'replica') return;
  const replica =
    replicaOption === undefined
      ? ''
      : `, or add ${replicaOption}=${serverExample} to make the file a replica`;
  fail(
    `${tokenOption}= requires a server, and this is a store ${type === 'memory' ? 'in memory' : 'in a local file'}: remove it${replica}.`,
  );
}

/** A token is only used for servers of the scheme that declares its variable, not for any other service. */
function tokenFromEnvironment(
  location: Location,
  { tokenVariables }: ConnectionForm,
  env: Readonly<Record<string, string | undefined>>,
): Secret | undefined {
  if (location.type === 'file' || location.type === 'memory') return undefined;
  const token = tokenVariables.map((name) => env[name]).find((value) => value !== undefined && value !== '');
  return token === undefined ? undefined : new Secret(token);
}
