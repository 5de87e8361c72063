import { Socket } from 'node:net';
import { workerData } from 'node:worker_threads';

/**
 * Runs on its own thread and reads a pipe whose other end only the host holds. The kernel closes that end when the host
 * is gone, for whatever reason, and this thread then kills the process, even if the main thread hangs in native code
 * and cannot see that its channel has closed.
 */
const { fd } = workerData as { readonly fd: number };
const pipe = new Socket({ fd, readable: true, writable: false });
const end = () => process.kill(process.pid, 'SIGKILL');
pipe.on('end', end).on('close', end).on('error', end).resume();
