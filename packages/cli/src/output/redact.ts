import type { Secret } from '@switchyard/storage-core';

const named = /\b([\w-]*(?:token|secret|password|api-?_?key|encryptionkey))=[^&\s'"]+/gi;
const bearer = /\bBearer\s+[\w.~+/-]+=*/gi;

/**
 * Removes secrets from all output. Messages contain none by contract; this is a second safeguard against secrets
 * repeated by a driver or the command-line parser.
 */
export class Redactor {
  readonly #secrets: Secret[] = [];

  /** Registers a secret that must not appear in any later output. */
  protect(secret: Secret | null): void {
    if (secret !== null) this.#secrets.push(secret);
  }

  redact(text: string): string {
    const known = this.#secrets.reduce((message, secret) => secret.redact(message), text);
    return known.replace(named, '$1=[redacted]').replace(bearer, 'Bearer [redacted]');
  }
}
