import { parentPort } from 'node:worker_threads';
import { splitFile } from '../split/split-file.js';
import type { SplitRequest } from './split-in-worker.js';

/** Cuts one text after the other, while the thread that asks goes on with its work. */
parentPort?.on('message', ({ path, text, sizes }: SplitRequest) => {
  parentPort?.postMessage(splitFile(path, text, sizes));
});
