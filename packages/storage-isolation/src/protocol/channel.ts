import type { Socket } from 'node:net';
import { deserialize, serialize } from 'node:v8';

/** Size in bytes of the little-endian length prefix of each message. */
const HEADER_BYTES = 4;

/**
 * Sends and receives length-prefixed messages over a pipe, serialized with V8's structured clone. Typed arrays are sent
 * as raw bytes.
 */
export class Channel<Out, In> {
  readonly #socket: Socket;
  readonly #onMessage: (message: In) => void;
  #chunks: Buffer[] = [];
  #size = 0;
  #wanted: number | null = null;

  /** @param onClose Called once, when the other side is gone or has sent invalid data. */
  constructor(socket: Socket, onMessage: (message: In) => void, onClose: () => void) {
    this.#socket = socket;
    this.#onMessage = onMessage;
    socket.on('data', (bytes: Buffer) => this.#onData(bytes));
    socket.on('error', () => socket.destroy()); // a pipe breaks when the other side dies
    socket.once('close', onClose);
  }

  /**
   * Sends a message; does nothing once the channel is closed.
   *
   * @throws Error `DataCloneError` for values that cannot be cloned, such as functions.
   */
  send(message: Out): void {
    const body = serialize(message);
    if (this.#socket.destroyed) return;
    const header = Buffer.allocUnsafe(HEADER_BYTES);
    header.writeUInt32LE(body.length);
    this.#socket.cork();
    this.#socket.write(header);
    this.#socket.write(body);
    this.#socket.uncork();
  }

  #onData(bytes: Buffer): void {
    this.#chunks.push(bytes);
    this.#size += bytes.length;
    for (;;) {
      if (this.#wanted === null) {
        if (this.#size < HEADER_BYTES) return;
        this.#wanted = this.#take(HEADER_BYTES).readUInt32LE();
      }
      if (this.#size < this.#wanted) return;
      const body = this.#take(this.#wanted);
      this.#wanted = null;
      let message: In;
      try {
        message = deserialize(body) as In;
      } catch {
        this.#socket.destroy(); // something else wrote to the pipe; nothing after this point can be trusted
        return;
      }
      this.#onMessage(message);
    }
  }

  /** Takes the next `length` buffered bytes. Chunks are joined once per complete message, not on arrival. */
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
