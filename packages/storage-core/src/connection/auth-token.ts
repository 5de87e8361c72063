import { isStorageError, StorageError } from '../errors/storage-error.js';
import { Secret } from './secret.js';

/** Returns a token; the empty string for none. */
export type TokenFunction = () => string | Promise<string>;

/** Token of a server, or a function that fetches one, so that tokens can be renewed. */
export type AuthToken = string | Secret | TokenFunction;

/** Maximum number of past tokens kept for redaction; calls with older ones have ended. */
const MAX_REMEMBERED = 16;

/**
 * Holds the token that a backend sends, and renews it.
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

  /** @throws TypeError unless the token is a string, a secret or a function. */
  constructor(given: AuthToken | null | undefined) {
    this.#fetch = typeof given === 'function' ? given : null;
    if (given instanceof Secret) this.#keep(given);
    else if (typeof given === 'string') this.#keep(new Secret(given));
    else if (typeof given !== 'function' && given !== null && given !== undefined) {
      throw new TypeError('authToken must be a string, or a function that returns one.');
    }
  }

  /** Current token; null without one. */
  get current(): Secret | null {
    return this.#current;
  }

  /** True if another token can be fetched. */
  get isRenewable(): boolean {
    return this.#fetch !== null;
  }

  /** Fetches a token from the function, if there is one. @throws StorageError `STORAGE_UNAUTHORIZED` if that fails. */
  async load(): Promise<void> {
    if (this.#fetch !== null) await this.#fetchOnce();
  }

  /**
   * Replaces a rejected token by a new one. Concurrent callers share one request.
   *
   * @returns True if there is another token to try.
   * @throws StorageError `STORAGE_UNAUTHORIZED` if the function fails.
   */
  async renew(refused: Secret | null): Promise<boolean> {
    if (this.#fetch === null) return false;
    const isSame = () => this.#current?.reveal() === refused?.reveal();
    if (isSame()) await this.#fetchOnce();
    return !isSame();
  }

  /** Replaces all known tokens in a text. */
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
      throw new StorageError('STORAGE_UNAUTHORIZED', 'The authToken function failed.', {
        advice: 'See `cause` for the error of the function.',
        outcome: 'not-applied',
        cause: new Error(this.redact(error instanceof Error ? error.message : String(error))),
      });
    }
    if (typeof token !== 'string') {
      throw new TypeError('The authToken function must return a string.');
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
