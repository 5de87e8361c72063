import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import type { Behavior } from './behavior.js';
import { type ConnectionOwner, ProxiedConnection } from './connection.js';
import type { RequestHead } from './http-requests.js';

/** A proxy between a client and a server that counts requests and injects network faults. */
export interface FaultProxy {
  /** Address for the client, in place of the server's: `http://127.0.0.1:PORT`. */
  readonly url: string;
  readonly port: number;
  /** HTTP requests since the last `reset()`, in order. */
  readonly requests: readonly RequestHead[];
  /** Number of connections since the last `reset()`. */
  readonly connections: number;
  /** Resets `requests` and `connections`. */
  reset(): void;
  /**
   * Sets the behavior for subsequent requests, including those on open connections.
   *
   * @param times Number of requests it applies to, before `forward` takes over. Default: unlimited.
   */
  behave(behavior: Behavior, times?: number): void;
  /** Closes every open connection, as a crashing server would. */
  disconnect(): void;
  /** Stops listening; connections are refused until `listen()`. */
  refuse(): Promise<void>;
  /** Listens again, on the same port. */
  listen(): Promise<void>;
  /** Closes everything. Idempotent. */
  stop(): Promise<void>;
}

/** Starts a proxy on a free port of 127.0.0.1 in front of `target`, such as `http://127.0.0.1:8080`. */
export async function startProxy(target: string): Promise<FaultProxy> {
  const { hostname, port, protocol } = new URL(target);
  if (protocol !== 'http:') throw new TypeError('The proxy target must be an http:// URL.');
  const proxy = new LoopbackProxy({ host: hostname, port: Number(port === '' ? 80 : port) });
  await proxy.listen();
  return proxy;
}

class LoopbackProxy implements FaultProxy, ConnectionOwner {
  readonly target: { readonly host: string; readonly port: number };
  readonly #open = new Set<ProxiedConnection>();
  #server: Server | null = null;
  #port = 0;
  #requests: RequestHead[] = [];
  #connections = 0;
  #behavior: Behavior = { kind: 'forward' };
  #left = Number.POSITIVE_INFINITY;

  constructor(target: { host: string; port: number }) {
    this.target = target;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  get port(): number {
    return this.#port;
  }

  get requests(): readonly RequestHead[] {
    return this.#requests;
  }

  get connections(): number {
    return this.#connections;
  }

  get current(): Behavior {
    return this.#left > 0 ? this.#behavior : { kind: 'forward' };
  }

  reset(): void {
    this.#requests = [];
    this.#connections = 0;
  }

  behave(behavior: Behavior, times = Number.POSITIVE_INFINITY): void {
    this.#behavior = behavior;
    this.#left = times;
  }

  next(request: RequestHead): Behavior {
    this.#requests.push(request);
    const behavior = this.current;
    if (this.#left > 0) this.#left--;
    return behavior;
  }

  disconnect(): void {
    for (const connection of this.#open) connection.destroy();
  }

  async listen(): Promise<void> {
    if (this.#server !== null) return;
    const server = createServer((client: Socket) => {
      this.#connections++;
      const connection = new ProxiedConnection(client, this);
      this.#open.add(connection);
      client.once('close', () => this.#open.delete(connection));
    });
    server.listen(this.#port, '127.0.0.1');
    await once(server, 'listening');
    this.#port = (server.address() as AddressInfo).port;
    this.#server = server;
  }

  async refuse(): Promise<void> {
    const server = this.#server;
    if (server === null) return;
    this.#server = null;
    this.disconnect();
    server.close();
    await once(server, 'close');
  }

  stop(): Promise<void> {
    return this.refuse();
  }
}
