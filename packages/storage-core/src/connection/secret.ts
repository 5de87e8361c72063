import { inspect } from 'node:util';

/** A text that must not be shown. Printing, logging or serializing it gives `[redacted]`. */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** The text itself, for the one place that hands it to a driver. */
  reveal(): string {
    return this.#value;
  }

  /** The message with every occurrence of the secret blotted out. */
  redact(message: string): string {
    return this.#value === '' ? message : message.replaceAll(this.#value, '[redacted]');
  }

  toString(): string {
    return '[redacted]';
  }

  toJSON(): string {
    return '[redacted]';
  }

  [inspect.custom](): string {
    return '[redacted]';
  }
}
