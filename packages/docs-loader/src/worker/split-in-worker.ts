import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { ChunkSizes } from '../split/sizes.js';
import type { SplitPage } from '../split/split-markdown.js';

/** What the worker is asked for. */
export interface SplitRequest {
  readonly path: string;
  readonly text: string;
  readonly sizes: ChunkSizes | undefined;
}

/** Cuts large texts in a thread of its own, which is started at the first one and can be ended at any moment. */
export class SplitWorker {
  #worker: Worker | undefined;

  /** One at a time. @throws The reason of the signal. */
  async split(request: SplitRequest, signal: AbortSignal | undefined): Promise<SplitPage> {
    signal?.throwIfAborted();
    this.#worker ??= new Worker(new URL('./main.js', import.meta.url));
    const worker = this.#worker;
    worker.postMessage(request);
    try {
      // Rejects when the worker fails, too.
      const [page] = (await once(worker, 'message', { signal })) as [SplitPage];
      return page;
    } catch (error) {
      await this.close();
      signal?.throwIfAborted();
      throw error;
    }
  }

  /** Ends the thread, in the middle of its work if need be. */
  async close(): Promise<void> {
    const worker = this.#worker;
    this.#worker = undefined;
    await worker?.terminate();
  }
}
