import { Duplex } from 'node:stream';
import type { PGlite } from '@electric-sql/pglite';

/**
 * The connection of `pg` to a PGlite: bytes of PostgreSQL's protocol instead of a socket. PGlite has an adapter for `pg` of
 * its own, which decodes texts by a `TextDecoder` that drops a byte order mark at their beginning.
 */
export class PgliteStream extends Duplex {
  readonly #pglite: PGlite;

  constructor(pglite: PGlite) {
    super();
    this.#pglite = pglite;
  }

  /** Called by `pg` as it calls that of a socket. */
  connect(): this {
    process.nextTick(() => this.emit('connect'));
    return this;
  }

  /** Called by `pg`; only a socket has something to set. */
  setNoDelay(): this {
    return this;
  }

  /** See {@link setNoDelay}. */
  setKeepAlive(): this {
    return this;
  }

  /** Called by `pg`; only a socket keeps the process alive. */
  ref(): this {
    return this;
  }

  /** See {@link ref}. */
  unref(): this {
    return this;
  }

  override _read(): void {
    // Replies are pushed when they arrive.
  }

  override _write(
    messages: Uint8Array,
    _encoding: BufferEncoding,
    done: (error?: Error | null) => void,
  ): void {
    this.#pglite.execProtocolRaw(messages).then((reply) => {
      if (reply.length > 0) this.push(reply);
      done();
    }, done);
  }

  /** The messages of a statement arrive together and are executed together. */
  override _writev(
    writes: readonly { readonly chunk: Uint8Array }[],
    done: (error?: Error | null) => void,
  ): void {
    this._write(Buffer.concat(writes.map(({ chunk }) => chunk)), 'utf8', done);
  }

  override _final(done: () => void): void {
    this.push(null);
    done();
  }
}
