import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Behavior, cannedAnswer } from './behavior.js';
import { RequestCounter, type RequestHead } from './http-requests.js';

/** The proxy that a connection belongs to, as the connection sees it. */
export interface ConnectionOwner {
  readonly target: { readonly host: string; readonly port: number };
  /** Records a request and returns the behavior for it. */
  next(request: RequestHead): Behavior;
  /** Behavior for a connection that does not speak HTTP/1. */
  readonly current: Behavior;
}

/** A client connection and the matching connection to the server. */
export class ProxiedConnection {
  readonly #client: Socket;
  readonly #server: Socket;
  readonly #owner: ConnectionOwner;
  readonly #requests: RequestCounter;
  #behavior: Behavior;
  #answered = 0;
  /** Forwards bytes in order of arrival, however long each piece is delayed. */
  #toServer: Promise<void> = Promise.resolve();
  #toClient: Promise<void> = Promise.resolve();
  #began = false;

  constructor(client: Socket, owner: ConnectionOwner) {
    this.#client = client;
    this.#owner = owner;
    this.#behavior = owner.current;
    this.#requests = new RequestCounter((request) => this.#onRequest(request));
    this.#server = connect(owner.target);
    for (const socket of [client, this.#server]) {
      socket.setNoDelay(true);
      // Broken connections are expected here: closing the other side is how the client finds out.
      socket.on('error', () => this.destroy());
    }
    client.on('data', (bytes: Buffer) => this.#onClientData(bytes));
    client.on('close', () => this.#server.destroy());
    this.#server.on('data', (bytes: Buffer) => this.#onServerData(bytes));
    this.#server.on('end', () => {
      if (this.#behavior.kind !== 'blackhole')
        this.#toClient = this.#toClient.then(() => void this.#client.end());
    });
  }

  destroy(): void {
    this.#client.destroy();
    this.#server.destroy();
  }

  #onRequest(request: RequestHead): void {
    this.#began = true;
    this.#behavior = this.#owner.next(request);
    this.#answered = 0;
  }

  #onClientData(bytes: Buffer): void {
    this.#began = false;
    this.#requests.push(bytes);
    const behavior = this.#behavior;
    switch (behavior.kind) {
      case 'forward': {
        const delay = this.#began ? (behavior.delayMs ?? 0) : 0;
        if (delay > 0) this.#toServer = this.#toServer.then(() => sleep(delay, undefined, { ref: false }));
        this.#send(bytes);
        return;
      }
      case 'pause':
      case 'cut':
        this.#send(bytes);
        return;
      case 'blackhole':
        if (behavior.deliver === true) this.#send(bytes);
        return;
      case 'garbage':
      case 'respond':
        this.#client.end(cannedAnswer(behavior));
        return;
      case 'drop':
        this.#client.resetAndDestroy();
        this.#server.destroy();
        return;
    }
  }

  #send(bytes: Buffer): void {
    this.#toServer = this.#toServer.then(() => {
      if (!this.#server.destroyed) this.#server.write(bytes);
    });
  }

  #onServerData(bytes: Buffer): void {
    const behavior = this.#behavior;
    switch (behavior.kind) {
      case 'blackhole':
        return;
      case 'cut': {
        const left = behavior.afterBytes - this.#answered;
        this.#answered += bytes.length;
        this.#reply(bytes.subarray(0, Math.max(0, left)));
        if (bytes.length >= left) this.#toClient = this.#toClient.then(() => this.#client.destroySoon());
        return;
      }
      case 'pause':
        if (this.#answered === 0)
          this.#toClient = this.#toClient.then(() => sleep(behavior.ms, undefined, { ref: false }));
        this.#answered += bytes.length;
        this.#reply(bytes);
        return;
      default:
        this.#reply(bytes);
    }
  }

  #reply(bytes: Buffer): void {
    this.#toClient = this.#toClient.then(() => {
      if (bytes.length > 0 && this.#client.writable) this.#client.write(bytes);
    });
  }
}
