import { Socket } from 'node:net';
import { Worker } from 'node:worker_threads';
import { Channel } from '../protocol/channel.js';
import type { ToChild, ToHost } from '../protocol/messages.js';
import { Dispatcher } from './dispatcher.js';

/** Entry point of a child process; see docs/concepts/isolation.md. */

/** File descriptors of the pipes opened by the parent. */
const CHANNEL_FD = 3;
const LIFELINE_FD = 4;

// Ctrl-C or a service stop signals the whole process group. The host decides when this process ends.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);

const lifeline = new Worker(new URL('./lifeline.js', import.meta.url), { workerData: { fd: LIFELINE_FD } });
lifeline.unref();

const channel: Channel<ToHost, ToChild> = new Channel(
  new Socket({ fd: CHANNEL_FD, readable: true, writable: true }),
  (message) => void dispatcher.receive(message),
  // The host is gone or has given up on this process, so there is nothing to close properly. Transactions roll back.
  () => process.kill(process.pid, 'SIGKILL'),
);
const dispatcher = new Dispatcher((message) => channel.send(message));
