import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { ChunkSizes } from '../split/sizes.js';
import type { SplitPage } from '../split/split-markdown.js';

/** A request to the worker. */
export interface SplitRequest {
  readonly path: string;
  readonly text: string;
  readonly sizes: ChunkSizes | undefined;
}

/** Splits large texts in a worker thread that starts on first use and can be ended at any time. */
export class SplitWorker {
  #worker: Worker | undefined;

  /** Splits one text; calls must not overlap. @throws The signal's reason. */
  async split(request: SplitRequest, signal: AbortSignal | undefined): Promise<SplitPage> {
    signal?.throwIfAborted();
    this.#worker ??= new Worker(new URL('./main.js', import.meta.url));
    const worker = this.#worker;
    worker.postMessage(request);
    try {
      // Also rejects if the worker fails.
      const [page] = (await once(worker, 'message', { signal })) as [SplitPage];
      return page;
    } catch (error) {
      await this.close();
      signal?.throwIfAborted();
      throw error;
    }
  }

  /** Ends the thread, even in the middle of its work. */
  async close(): Promise<void> {
    const worker = this.#worker;
    this.#worker = undefined;
    await worker?.terminate();
  }
}
