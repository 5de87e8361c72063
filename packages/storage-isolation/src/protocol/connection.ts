import { type Connection, Secret } from '@switchyard/storage-core';

type OptionValue = Connection['options'][string];

/** A connection as plain data. Contains the secrets in clear text, so it is sent over the channel only. */
export type SentConnection = Omit<Connection, 'authToken' | 'options'> & {
  readonly authToken: string | null;
  readonly options: Readonly<Record<string, Exclude<OptionValue, Secret>>>;
  /** Names of the options that are secrets. */
  readonly secretOptions: readonly string[];
};

/** Serializes a connection. */
export function sendConnection(connection: Connection): SentConnection {
  const entries = Object.entries(connection.options);
  return {
    ...connection,
    authToken: connection.authToken?.reveal() ?? null,
    options: Object.fromEntries(
      entries.map(([name, value]) => [name, value instanceof Secret ? value.reveal() : value]),
    ),
    secretOptions: entries.filter(([, value]) => value instanceof Secret).map(([name]) => name),
  };
}

/** Deserializes a connection. */
export function receiveConnection({ secretOptions, ...sent }: SentConnection): Connection {
  const options = Object.entries(sent.options).map(([name, value]): [string, OptionValue] => [
    name,
    secretOptions.includes(name) ? new Secret(String(value)) : value,
  ]);
  return {
    ...sent,
    authToken: sent.authToken === null ? null : new Secret(sent.authToken),
    options: Object.fromEntries(options),
  };
}

/** Returns a function that redacts the secrets of a connection in a text. */
export function redactor(connection: Connection): (text: string) => string {
  const secrets = [connection.authToken, ...Object.values(connection.options)].filter(
    (value): value is Secret => value instanceof Secret,
  );
  return (text) => secrets.reduce((shown, secret) => secret.redact(shown), text);
}
