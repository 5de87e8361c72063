/** The proxy's treatment of a request. */
export type Behavior =
  /** Forwards the request after `delayMs`, like the round trip to a distant server. Default: 0. */
  | { readonly kind: 'forward'; readonly delayMs?: number | undefined }
  /**
   * Never answers and keeps the connection open. With `deliver`, the server gets the request and only its answer is
   * lost, so the client cannot know the outcome of a write. Default: false.
   */
  | { readonly kind: 'blackhole'; readonly deliver?: boolean | undefined }
  /** Forwards the request immediately and delays the answer by `ms` milliseconds. */
  | { readonly kind: 'pause'; readonly ms: number }
  /** Forwards the request and closes the connection after `afterBytes` bytes of the answer; 0 sends none. */
  | { readonly kind: 'cut'; readonly afterBytes: number }
  /** Answers with these bytes instead of HTTP and closes the connection. Default: bytes that match no protocol. */
  | { readonly kind: 'garbage'; readonly bytes?: Uint8Array | undefined }
  /** Answers with a valid HTTP response from the proxy itself. */
  | {
      readonly kind: 'respond';
      readonly status: number;
      readonly body?: string | undefined;
      readonly contentType?: string | undefined;
    }
  /** Resets the connection. */
  | { readonly kind: 'drop' };

/** Default bytes of a {@link Behavior} of kind `garbage`. */
export const defaultGarbage: Uint8Array = Uint8Array.from({ length: 512 }, (_, i) => (i * 89 + 7) % 256);

/** Returns the bytes of an answer that the proxy itself gives. */
export function cannedAnswer(behavior: Extract<Behavior, { kind: 'garbage' | 'respond' }>): Uint8Array {
  if (behavior.kind === 'garbage') return behavior.bytes ?? defaultGarbage;
  const body = Buffer.from(behavior.body ?? '');
  const head =
    `HTTP/1.1 ${behavior.status} Test\r\nContent-Type: ${behavior.contentType ?? 'text/plain'}\r\n` +
    `Content-Length: ${body.length}\r\nConnection: close\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), body]);
}
