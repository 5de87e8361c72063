import { parentPort } from 'node:worker_threads';
import type { EmbedRequest, EmbedResponse } from './messages.js';
import { loadModel, type RunModel } from './model.js';

// Entry point of a worker thread, which receives one request at a time.

let model: Promise<RunModel> | undefined;

async function answer({ texts }: EmbedRequest): Promise<EmbedResponse> {
  try {
    model ??= loadModel();
    const run = await model;
    return { vectors: await run(texts) };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}

parentPort?.on('message', async (request: EmbedRequest) => {
  const response = await answer(request);
  parentPort?.postMessage(response, 'vectors' in response ? [response.vectors.buffer] : []);
});
