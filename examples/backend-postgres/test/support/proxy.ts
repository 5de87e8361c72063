import { connect, createServer, type Socket } from 'node:net';

/** A proxy before a server whose connections can be cut. */
export interface Proxy {
  readonly port: number;
  /** Cuts all connections; the server may still receive what was sent. */
  cut(): void;
  readonly stop: () => Promise<void>;
}

/** Starts a proxy before the server with this URL. */
export async function startProxy(url: string): Promise<Proxy> {
  const { hostname, port } = new URL(url);
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(Number(port || 5432), hostname);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => sockets.delete(socket));
    }
    client.pipe(upstream).pipe(client);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The proxy has no port.');
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  const stop = () =>
    new Promise<void>((resolve) => {
      cut();
      server.close(() => resolve());
    });
  return { port: address.port, cut, stop };
}
