import type { Secret } from '@switchyard/storage-core';

const named = /\b([\w-]*(?:token|secret|password|api-?_?key|encryptionkey))=[^&\s'"]+/gi;
const bearer = /\bBearer\s+[\w.~+/-]+=*/gi;

/**
 * Blots secrets out of what is printed. Messages hold none by contract; this is the second lock, for what a driver or
 * the parser of the command line may repeat.
 */
export class Redactor {
  readonly #secrets: Secret[] = [];

  /** Makes a secret known that may not appear anywhere from now on. */
  protect(secret: Secret | null): void {
    if (secret !== null) this.#secrets.push(secret);
  }

  redact(text: string): string {
    const known = this.#secrets.reduce((message, secret) => secret.redact(message), text);
    return known.replace(named, '$1=[redacted]').replace(bearer, 'Bearer [redacted]');
  }
}
