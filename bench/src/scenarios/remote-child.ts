import { startProxy, startSqld } from '@switchyard/sqld';

/** The addresses of the server, by the milliseconds that are added to each round trip. */
export type RemoteAddresses = Readonly<Record<string, string>>;

// A server and its slow ways in live in a process of their own: a driver that blocks must not stop them.
const server = await startSqld();
const addresses: Record<string, string> = { 0: server.url };
for (const delayMs of [1, 10, 50]) {
  const proxy = await startProxy(server.url);
  proxy.behave({ kind: 'forward', delayMs });
  addresses[delayMs] = proxy.url;
}
process.once('disconnect', () => {
  server.stop().then(
    () => process.exit(0),
    () => process.exit(1),
  );
});
process.send?.(addresses);
