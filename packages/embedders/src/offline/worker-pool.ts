import { Worker } from 'node:worker_threads';
import { onAbort } from '@switchyard/storage-core/backend';
import type { EmbedRequest, EmbedResponse } from './messages.js';

interface Job {
  readonly texts: readonly string[];
  readonly resolve: (vectors: Float32Array) => void;
  readonly reject: (reason: unknown) => void;
}

/**
 * A pool of worker threads that each hold the model and run one job at a time from a shared queue. A thread starts when
 * there is a job and no idle thread, and keeps the process alive only while it is working.
 */
export class WorkerPool {
  readonly #size: number;
  readonly #queue: Job[] = [];
  /** The running threads and their current jobs. */
  readonly #threads = new Map<Worker, Job | null>();

  constructor(size: number) {
    this.#size = size;
  }

  /** Embeds texts and returns their vectors, concatenated. A job aborted before it starts never runs. */
  run(texts: readonly string[], signal?: AbortSignal): Promise<Float32Array> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted === true) return reject(signal.reason);
      const abort = () => {
        const place = this.#queue.indexOf(job);
        if (place !== -1) this.#queue.splice(place, 1);
        job.reject(signal?.reason);
      };
      const job: Job = {
        texts,
        resolve: (vectors) => {
          stopListening();
          resolve(vectors);
        },
        reject: (error) => {
          stopListening();
          reject(error);
        },
      };
      const stopListening = onAbort(signal, abort);
      this.#queue.push(job);
      this.#dispatch();
    });
  }

  /** Stops all threads and rejects their jobs. */
  async close(): Promise<void> {
    const threads = [...this.#threads.keys()];
    for (const job of this.#queue.splice(0)) job.reject(new Error('The embedder was closed.'));
    await Promise.all(threads.map((thread) => thread.terminate()));
  }

  #dispatch(): void {
    for (let job = this.#queue[0]; job !== undefined; job = this.#queue[0]) {
      const thread = this.#idleThread();
      if (thread === undefined) return;
      this.#queue.shift();
      this.#threads.set(thread, job);
      thread.ref();
      thread.postMessage({ texts: job.texts } satisfies EmbedRequest);
    }
  }

  #idleThread(): Worker | undefined {
    for (const [thread, job] of this.#threads) if (job === null) return thread;
    return this.#threads.size < this.#size ? this.#start() : undefined;
  }

  #start(): Worker {
    // Flags of this process, such as --input-type or --inspect, must not apply to the thread.
    const thread = new Worker(new URL('./worker.js', import.meta.url), {
      name: 'offline-embedder',
      execArgv: [],
    });
    this.#threads.set(thread, null);
    thread.on('message', (response: EmbedResponse) => {
      const job = this.#threads.get(thread);
      this.#threads.set(thread, null);
      thread.unref();
      if ('vectors' in response) job?.resolve(response.vectors);
      else job?.reject(new Error(response.error));
      this.#dispatch();
    });
    const stopped = (reason: Error) => {
      const job = this.#threads.get(thread);
      this.#threads.delete(thread);
      job?.reject(reason);
      this.#dispatch();
    };
    thread.on('error', stopped);
    thread.on('exit', (code) => stopped(new Error(`The model's worker thread ended (exit code ${code}).`)));
    return thread;
  }
}
