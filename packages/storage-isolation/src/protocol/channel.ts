import type { Socket } from 'node:net';
import { deserialize, serialize } from 'node:v8';

/** Bytes of the length that stands before each message, little-endian. */
const HEAD = 4;

/**
 * Sends and receives messages over a pipe: the structured clone of V8, each message behind its length. Typed arrays
 * cross as their bytes.
 */
export class Channel<Out, In> {
  readonly #socket: Socket;
  readonly #onMessage: (message: In) => void;
  #chunks: Buffer[] = [];
  #size = 0;
  #wanted: number | null = null;

  /** @param onClose The other side is gone, or sends what is no message. Called once. */
  constructor(socket: Socket, onMessage: (message: In) => void, onClose: () => void) {
    this.#socket = socket;
    this.#onMessage = onMessage;
    socket.on('data', (bytes: Buffer) => this.#onData(bytes));
    socket.on('error', () => socket.destroy()); // a pipe breaks when the other side dies
    socket.once('close', onClose);
  }

  /** @throws Error `DataCloneError` for what cannot be cloned, such as a function. */
  send(message: Out): void {
    const body = serialize(message);
    if (this.#socket.destroyed) return;
    const head = Buffer.allocUnsafe(HEAD);
    head.writeUInt32LE(body.length);
    this.#socket.cork();
    this.#socket.write(head);
    this.#socket.write(body);
    this.#socket.uncork();
  }

  #onData(bytes: Buffer): void {
    this.#chunks.push(bytes);
    this.#size += bytes.length;
    for (;;) {
      if (this.#wanted === null) {
        if (this.#size < HEAD) return;
        this.#wanted = this.#take(HEAD).readUInt32LE();
      }
      if (this.#size < this.#wanted) return;
      const body = this.#take(this.#wanted);
      this.#wanted = null;
      let message: In;
      try {
        message = deserialize(body) as In;
      } catch {
        this.#socket.destroy(); // something else wrote to the pipe: nothing after it can be trusted
        return;
      }
      this.#onMessage(message);
    }
  }

  /** The next bytes; so many are there. Chunks are joined once a message is complete, not as they come. */
  #take(length: number): Buffer {
    let first = this.#chunks[0] ?? Buffer.alloc(0);
    if (first.length < length) {
      first = Buffer.concat(this.#chunks);
      this.#chunks = [first];
    }
    this.#size -= length;
    if (first.length === length) this.#chunks.shift();
    else this.#chunks[0] = first.subarray(length);
    return first.subarray(0, length);
  }
}
