import type { Secret } from './secret.js';

/** Location of a store. */
export type Location =
  | { readonly type: 'file'; readonly path: string }
  | { readonly type: 'memory' }
  /** `url` has no options and no credentials. */
  | { readonly type: 'server'; readonly url: string }
  /** A local copy of a server's store. */
  | { readonly type: 'replica'; readonly path: string; readonly syncUrl: string };

/** A parsed connection string. */
export interface Connection {
  /** Name of the backend that serves it. */
  readonly backend: string;
  /** Location of the store. */
  readonly location: Location;
  /** Token from `authToken=`, else from the environment; null without one. */
  readonly authToken: Secret | null;
  /** The other options by name, with values of the types in their definitions. */
  readonly options: Readonly<Record<string, string | number | boolean | Secret>>;
  /** Connection string without secrets, for messages and reports. */
  readonly redacted: string;
}
