import { parentPort } from 'node:worker_threads';
import { splitFile } from '../split/split-file.js';
import type { SplitRequest } from './split-in-worker.js';

/** Entry point of the worker thread: splits one text per message. */
parentPort?.on('message', ({ path, text, sizes }: SplitRequest) => {
  parentPort?.postMessage(splitFile(path, text, sizes));
});
