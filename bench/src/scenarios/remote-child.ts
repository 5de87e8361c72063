import { startProxy, startSqld } from '@switchyard/sqld';

/** Addresses of the server, by the added round-trip time in milliseconds. */
export type RemoteAddresses = Readonly<Record<string, string>>;

// The server and its delaying proxies run in a separate process: a blocking driver must not stop them.
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
