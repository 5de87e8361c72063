import type { Secret } from '@switchyard/storage-core';

const named = /\b([\w-]*(?:token|secret|password|api-?_?key|encryptionkey))=[^&\s'"]+/gi;
const inUrl = /([a-z][a-z0-9+.-]*:\/\/)[^/?#\s@]+@/gi;
const bearer = /\bBearer\s+[\w.~+/-]+=*/gi;

/**
 * Removes secrets from all output. Messages contain none by contract; this is a second safeguard against secrets
 * repeated by a driver or the command-line parser.
 */
export class Redactor {
  readonly #secrets: Secret[] = [];

  /** Registers secrets that must not appear in any later output. */
  protect(secrets: readonly Secret[]): void {
    this.#secrets.push(...secrets);
  }

  redact(text: string): string {
    const known = this.#secrets.reduce((message, secret) => secret.redact(message), text);
    return known
      .replace(named, '$1=[redacted]')
      .replace(bearer, 'Bearer [redacted]')
      .replace(inUrl, '$1[redacted]@');
  }
}
