import { isStorageError, StorageError } from '../errors/storage-error.js';
import { Secret } from './secret.js';

/** Fetches a token. An empty one means none. */
export type TokenFunction = () => string | Promise<string>;

/** The token of a server, or a function that fetches one, so that tokens can be renewed. */
export type AuthToken = string | Secret | TokenFunction;

/** Tokens that are remembered for redaction: calls with older ones have ended. */
const MAX_REMEMBERED = 16;

/**
 * The token that a backend sends, and the source of a new one.
 *
 * @example
 * ```ts
 * const tokens = new TokenSource(() => process.env.LIBSQL_AUTH_TOKEN ?? '');
 * await tokens.load(); // when the store is opened
 * const authorization = `Bearer ${tokens.current?.reveal() ?? ''}`;
 * ```
 */
export class TokenSource {
  readonly #fetch: TokenFunction | null;
  #current: Secret | null = null;
  #remembered: Secret[] = [];
  #pending: Promise<Secret | null> | null = null;

  /** @throws TypeError for what is neither a text, a secret nor a function. */
  constructor(given: AuthToken | null | undefined) {
    this.#fetch = typeof given === 'function' ? given : null;
    if (given instanceof Secret) this.#keep(given);
    else if (typeof given === 'string') this.#keep(new Secret(given));
    else if (typeof given !== 'function' && given !== null && given !== undefined) {
      throw new TypeError('authToken must be a string, or a function that returns one.');
    }
  }

  /** The token to send; null for none. */
  get current(): Secret | null {
    return this.#current;
  }

  /** True when another token can be fetched. */
  get isRenewable(): boolean {
    return this.#fetch !== null;
  }

  /** Fetches a token where it comes from a function. @throws StorageError `STORAGE_UNAUTHORIZED` when that fails. */
  async load(): Promise<void> {
    if (this.#fetch !== null) await this.#fetchOnce();
  }

  /**
   * Fetches another token in place of one that was refused. Callers that come at the same time share one.
   *
   * @returns whether there is another token to try.
   * @throws StorageError `STORAGE_UNAUTHORIZED` when the function fails.
   */
  async renew(refused: Secret | null): Promise<boolean> {
    if (this.#fetch === null) return false;
    const isSame = () => this.#current?.reveal() === refused?.reveal();
    if (isSame()) await this.#fetchOnce();
    return !isSame();
  }

  /** A text without any of the tokens. */
  redact(text: string): string {
    return this.#remembered.reduce((shown, secret) => secret.redact(shown), text);
  }

  #fetchOnce(): Promise<Secret | null> {
    this.#pending ??= this.#fetchNow().finally(() => {
      this.#pending = null;
    });
    return this.#pending;
  }

  async #fetchNow(): Promise<Secret | null> {
    let token: unknown;
    try {
      token = await this.#fetch?.();
    } catch (error) {
      if (isStorageError(error)) throw error;
      throw new StorageError('STORAGE_UNAUTHORIZED', 'The function that was given as authToken failed.', {
        advice: 'See `cause` for what the function threw.',
        outcome: 'not-applied',
        cause: new Error(this.redact(error instanceof Error ? error.message : String(error))),
      });
    }
    if (typeof token !== 'string') {
      throw new TypeError('The function that was given as authToken must return a string.');
    }
    this.#keep(new Secret(token));
    return this.#current;
  }

  #keep(token: Secret): void {
    const isEmpty = token.reveal() === '';
    this.#current = isEmpty ? null : token;
    if (!isEmpty) this.#remembered = [token, ...this.#remembered].slice(0, MAX_REMEMBERED);
  }
}
