import { Socket } from 'node:net';
import { Worker } from 'node:worker_threads';
import { Channel } from '../protocol/channel.js';
import type { ToChild, ToHost } from '../protocol/messages.js';
import { Server } from './server.js';

/** The program that runs in the child: see docs/concepts/isolation.md. */

/** The pipes that whoever started this process has opened. */
const CHANNEL_FD = 3;
const LIFELINE_FD = 4;

// A Ctrl-C or a stop of the service goes to all processes of the group. The host decides when this one ends.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);

const lifeline = new Worker(new URL('./lifeline.js', import.meta.url), { workerData: { fd: LIFELINE_FD } });
lifeline.unref();

const channel: Channel<ToHost, ToChild> = new Channel(
  new Socket({ fd: CHANNEL_FD, readable: true, writable: true }),
  (message) => void server.receive(message),
  // The host is gone, or has given this process up: there is nobody left to close for. Transactions roll back.
  () => process.kill(process.pid, 'SIGKILL'),
);
const server = new Server((message) => channel.send(message));
