import { Socket } from 'node:net';
import { Worker } from 'node:worker_threads';
import { Channel } from '../protocol/channel.js';
import { sendError } from '../protocol/errors.js';
import type { SentReference } from '../protocol/messages.js';
import type { FromTask, ToTask } from './messages.js';
import type { Task, TaskContext } from './run-task.js';

/** Entry point of the process that runs one task (see `runTask`). Pipes and lifetime work as in `child/main.ts`. */

const CHANNEL_FD = 3;
const LIFELINE_FD = 4;

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);

const lifeline = new Worker(new URL('../child/lifeline.js', import.meta.url), {
  workerData: { fd: LIFELINE_FD },
});
lifeline.unref();

const abort = new AbortController();
let goOn: (() => void)[] = [];

const channel: Channel<FromTask, ToTask> = new Channel(
  new Socket({ fd: CHANNEL_FD, readable: true, writable: true }),
  (message) => receive(message),
  () => process.kill(process.pid, 'SIGKILL'), // the host no longer waits for the result
);

function receive(message: ToTask): void {
  switch (message.type) {
    case 'run':
      void run(message);
      return;
    case 'abort':
      abort.abort();
      return;
    case 'continue':
      goOn.shift()?.();
  }
}

async function run({ reference, input, deadline, hostPid }: Extract<ToTask, { type: 'run' }>): Promise<void> {
  const context: TaskContext<unknown> = {
    signal: abort.signal,
    deadline,
    hostPid,
    // The lifeline needs a moment to notice the end of the host; the parent's process id changes at once.
    requireHost: () => {
      if (process.ppid !== hostPid) process.kill(process.pid, 'SIGKILL');
    },
    progress: (value) =>
      new Promise((resolve) => {
        goOn.push(resolve);
        channel.send({ type: 'progress', value });
      }),
  };
  try {
    const task = await findTask(reference);
    channel.send({ type: 'done', value: await task(input, context) });
  } catch (error) {
    channel.send({ type: 'failure', error: sendError(error) });
  }
  goOn = [];
}

async function findTask({ module, exportName }: SentReference): Promise<Task<unknown, unknown, unknown>> {
  const exports = (await import(module)) as Readonly<Record<string, unknown>>;
  const task = exports[exportName];
  if (typeof task !== 'function')
    throw new TypeError(`The module does not export a task named '${exportName}'.`);
  return task as Task<unknown, unknown, unknown>;
}
