/** The head of one HTTP/1 request. */
export interface RequestHead {
  readonly method: string;
  readonly path: string;
}

type State =
  | { readonly name: 'head' }
  | { readonly name: 'body'; left: number }
  | { readonly name: 'chunk-size' }
  | { readonly name: 'chunk'; left: number }
  | { readonly name: 'trailer' }
  | { readonly name: 'opaque' };

/**
 * Finds the beginnings of requests in a client's byte stream (RFC 9112) without changing or keeping the bytes. Anything
 * that is not HTTP/1 is ignored.
 */
export class RequestCounter {
  #state: State = { name: 'head' };
  #rest: Buffer = Buffer.alloc(0);
  readonly #onRequest: (head: RequestHead) => void;

  constructor(onRequest: (head: RequestHead) => void) {
    this.#onRequest = onRequest;
  }

  push(bytes: Buffer): void {
    this.#rest = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    while (this.#rest.length > 0 && this.#step());
  }

  /** Makes one step of progress; false if more bytes are needed. */
  #step(): boolean {
    const state = this.#state;
    switch (state.name) {
      case 'head': {
        const head = this.#takeUntil('\r\n\r\n');
        if (head === null) return false;
        this.#state = this.#readHead(head);
        return true;
      }
      case 'chunk-size': {
        const line = this.#takeUntil('\r\n');
        if (line === null) return false;
        const size = Number.parseInt(line, 16);
        // The line break after the data belongs to the chunk.
        this.#state = size > 0 ? { name: 'chunk', left: size + 2 } : { name: 'trailer' };
        return true;
      }
      case 'trailer': {
        const line = this.#takeUntil('\r\n');
        if (line === null) return false;
        if (line === '') this.#state = { name: 'head' };
        return true;
      }
      case 'body':
      case 'chunk': {
        const taken = Math.min(state.left, this.#rest.length);
        this.#rest = this.#rest.subarray(taken);
        state.left -= taken;
        if (state.left === 0) this.#state = { name: state.name === 'body' ? 'head' : 'chunk-size' };
        return true;
      }
      case 'opaque':
        this.#rest = Buffer.alloc(0);
        return false;
    }
  }

  #readHead(head: string): State {
    const [first = '', ...lines] = head.split('\r\n');
    const match = /^([A-Z]+) (\S+) HTTP\/1\.[01]$/.exec(first);
    if (match === null) return { name: 'opaque' };
    this.#onRequest({ method: match[1] ?? '', path: match[2] ?? '' });
    const header = (name: string): string | undefined =>
      lines
        .find((line) => line.toLowerCase().startsWith(`${name}:`))
        ?.slice(name.length + 1)
        .trim();
    if (header('upgrade') !== undefined) return { name: 'opaque' };
    if (header('transfer-encoding')?.toLowerCase() === 'chunked') return { name: 'chunk-size' };
    const length = Number(header('content-length') ?? '0');
    return length > 0 ? { name: 'body', left: length } : { name: 'head' };
  }

  #takeUntil(mark: string): string | null {
    const at = this.#rest.indexOf(mark);
    if (at === -1) return null;
    const text = this.#rest.subarray(0, at).toString('latin1');
    this.#rest = this.#rest.subarray(at + mark.length);
    return text;
  }
}
