import { Secret } from './secret.js';

/** Location of a store. */
export type Location =
  | { readonly type: 'file'; readonly path: string }
  | { readonly type: 'memory' }
  /** `url` has no options and no credentials. */
  | { readonly type: 'server'; readonly url: string }
  /** A local copy of a server's store. */
  | { readonly type: 'replica'; readonly path: string; readonly syncUrl: string };

/** User and password in the URL of a server. */
export interface Credentials {
  /** Name of the user, decoded. */
  readonly user: string;
  /** Password; null without one. */
  readonly password: Secret | null;
}

/** A parsed connection string. */
export interface Connection {
  /** Name of the backend that serves it. */
  readonly backend: string;
  /** Location of the store. */
  readonly location: Location;
  /** Token from the option of type `token`, else from the environment; null without one. */
  readonly authToken: Secret | null;
  /** User and password in the URL of the server, for schemes that allow them. Absent without them. */
  readonly credentials?: Credentials | undefined;
  /** The other options by name, with values of the types in their definitions. */
  readonly options: Readonly<Record<string, string | number | boolean | Secret>>;
  /** Connection string without secrets, for messages and reports. */
  readonly redacted: string;
}

/** Returns all secrets of a connection, to keep them out of messages. */
export function secretsOf({ authToken, credentials, options }: Connection): readonly Secret[] {
  return [authToken, credentials?.password, ...Object.values(options)].filter(
    (value): value is Secret => value instanceof Secret,
  );
}
