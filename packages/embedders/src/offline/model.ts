import { installMatMulKernel } from './matmul-kernel.js';
import { loadRuntime } from './runtime.js';
import { firstTokens } from './tokens.js';

/** Embeds texts and returns their vectors, concatenated. */
export type RunModel = (texts: readonly string[]) => Promise<Float32Array<ArrayBuffer>>;

/** Loads the model, which takes about half a second and 130 MB. */
export async function loadModel(): Promise<RunModel> {
  const { runtime, model } = await loadRuntime();
  installMatMulKernel(runtime);
  return async (texts) => {
    const tokens = texts.map((text) => firstTokens(model.tokenizer, text));
    const count = tokens.reduce((sum, list) => sum + list.length, 0);
    // A sparse matrix of the tokens at (text, position).
    const places = new Int32Array(count * 2);
    const ids = new Int32Array(count);
    let next = 0;
    for (const [text, list] of tokens.entries()) {
      for (const [place, id] of list.entries()) {
        places[next * 2] = text;
        places[next * 2 + 1] = place;
        ids[next++] = id;
      }
    }
    const indices = runtime.tensor2d(places, [count, 2], 'int32');
    const values = runtime.tensor1d(ids, 'int32');
    const output = await model.model.executeAsync({ indices, values });
    try {
      return Float32Array.from(await output.data());
    } finally {
      for (const tensor of [indices, values, output]) tensor.dispose();
    }
  };
}
