import { Worker } from 'node:worker_threads';
import type { ToChild, ToHost } from '../protocol/messages.js';
import { Server } from './server.js';

/** The program that runs in the child: see docs/concepts/isolation.md. */

/** The pipe that `lifeline` reads; the host opens it. */
const LIFELINE_FD = 4;

// A Ctrl-C or a stop of the service goes to all processes of the group. The host decides when this one ends.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);

const lifeline = new Worker(new URL('./lifeline.js', import.meta.url), { workerData: { fd: LIFELINE_FD } });
lifeline.unref();

// The host is gone, or has given this process up: there is nobody left to close for. Transactions roll back.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));

const server = new Server((message: ToHost) => process.send?.(message));
process.on('message', (message: ToChild) => void server.receive(message));
