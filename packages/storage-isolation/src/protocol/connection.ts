import { type Connection, Secret } from '@switchyard/storage-core';
import { secretsOf } from '@switchyard/storage-core/backend';

type OptionValue = Connection['options'][string];

/** A connection as plain data. Contains the secrets in clear text, so it is sent over the channel only. */
export type SentConnection = Omit<Connection, 'authToken' | 'credentials' | 'options'> & {
  readonly authToken: string | null;
  readonly credentials: { readonly user: string; readonly password: string | null } | null;
  readonly options: Readonly<Record<string, Exclude<OptionValue, Secret>>>;
  /** Names of the options that are secrets. */
  readonly secretOptions: readonly string[];
};

/** Serializes a connection. */
export function sendConnection(connection: Connection): SentConnection {
  const entries = Object.entries(connection.options);
  const { credentials } = connection;
  return {
    ...connection,
    authToken: connection.authToken?.reveal() ?? null,
    credentials:
      credentials === undefined
        ? null
        : { user: credentials.user, password: credentials.password?.reveal() ?? null },
    options: Object.fromEntries(
      entries.map(([name, value]) => [name, value instanceof Secret ? value.reveal() : value]),
    ),
    secretOptions: entries.filter(([, value]) => value instanceof Secret).map(([name]) => name),
  };
}

/** Deserializes a connection. */
export function receiveConnection({ secretOptions, credentials, ...sent }: SentConnection): Connection {
  const options = Object.entries(sent.options).map(([name, value]): [string, OptionValue] => [
    name,
    secretOptions.includes(name) ? new Secret(String(value)) : value,
  ]);
  return {
    ...sent,
    authToken: toSecret(sent.authToken),
    ...(credentials === null
      ? {}
      : { credentials: { user: credentials.user, password: toSecret(credentials.password) } }),
    options: Object.fromEntries(options),
  };
}

function toSecret(text: string | null): Secret | null {
  return text === null ? null : new Secret(text);
}

/** Returns a function that redacts the secrets of a connection in a text. */
export function redactor(connection: Connection): (text: string) => string {
  const secrets = secretsOf(connection);
  return (text) => secrets.reduce((shown, secret) => secret.redact(shown), text);
}
