/** What happens to a request that comes to the proxy. */
export type Behavior =
  /** Passed on, held for `delayMs` first: the round trip of a distant server. Default 0. */
  | { readonly kind: 'forward'; readonly delayMs?: number | undefined }
  /**
   * Never answered, the connection stays open. With `deliver` the server gets the request and works on it, and only
   * its answer is lost: the outcome of a write is then unknown to the client. Default false.
   */
  | { readonly kind: 'blackhole'; readonly deliver?: boolean | undefined }
  /** Passed on at once; the answer is held for so many milliseconds. */
  | { readonly kind: 'pause'; readonly ms: number }
  /** Passed on; the connection is closed after so many bytes of the answer, from 0. */
  | { readonly kind: 'cut'; readonly afterBytes: number }
  /** Answered by the proxy itself with these bytes instead of HTTP, and closed. Default: some that are no protocol. */
  | { readonly kind: 'garbage'; readonly bytes?: Uint8Array | undefined }
  /** Answered by the proxy itself, in correct HTTP. */
  | {
      readonly kind: 'respond';
      readonly status: number;
      readonly body?: string | undefined;
      readonly contentType?: string | undefined;
    }
  /** The connection is reset. */
  | { readonly kind: 'drop' };

/** What a {@link Behavior} of kind `garbage` sends when nothing else is said. */
export const defaultGarbage: Uint8Array = Uint8Array.from({ length: 512 }, (_, i) => (i * 89 + 7) % 256);

/** The bytes of an answer that the proxy gives itself. */
export function cannedAnswer(behavior: Extract<Behavior, { kind: 'garbage' | 'respond' }>): Uint8Array {
  if (behavior.kind === 'garbage') return behavior.bytes ?? defaultGarbage;
  const body = Buffer.from(behavior.body ?? '');
  const head =
    `HTTP/1.1 ${behavior.status} Test\r\nContent-Type: ${behavior.contentType ?? 'text/plain'}\r\n` +
    `Content-Length: ${body.length}\r\nConnection: close\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), body]);
}
