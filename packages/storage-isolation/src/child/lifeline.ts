import { Socket } from 'node:net';
import { workerData } from 'node:worker_threads';

/**
 * Runs on a thread of its own and reads a pipe whose other end is held by the host alone. The kernel closes that end
 * when the host is gone, however it went, and this thread then kills the process: also when the main thread hangs in
 * native code and cannot see that its own channel has closed.
 */
const { fd } = workerData as { readonly fd: number };
const pipe = new Socket({ fd, readable: true, writable: false });
const end = () => process.kill(process.pid, 'SIGKILL');
pipe.on('end', end).on('close', end).on('error', end).resume();
