import { inspect } from 'node:util';

/**
 * A string that must not be shown. Printing, logging or serializing it produces `[redacted]`.
 *
 * @example
 * ```ts
 * const token = new Secret('hush');
 * console.log(`${token}`); // [redacted]
 * token.reveal(); // 'hush'
 * ```
 */
export class Secret {
  readonly #value: string;

  /** Wraps a secret value. */
  constructor(value: string) {
    this.#value = value;
  }

  /** Returns the text itself, for the code that passes it to a driver. */
  reveal(): string {
    return this.#value;
  }

  /** Returns the message with every occurrence of the secret replaced. */
  redact(message: string): string {
    return this.#value === '' ? message : message.replaceAll(this.#value, '[redacted]');
  }

  /** Returns a placeholder, so that templates and messages do not reveal the value. */
  toString(): string {
    return '[redacted]';
  }

  /** Returns a placeholder, so that `JSON.stringify()` does not reveal the value. */
  toJSON(): string {
    return '[redacted]';
  }

  [inspect.custom](): string {
    return '[redacted]';
  }
}
