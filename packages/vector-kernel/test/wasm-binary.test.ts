import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { kernelAsTypeScript } from '../tools/compile-wasm.mjs';

it('the committed WebAssembly matches its source', async () => {
  const committed = await readFile(new URL('../src/wasm/binary.ts', import.meta.url), 'utf8');
  expect(committed, 'run: npm run build:wasm --workspace @switchyard/vector-kernel').toBe(
    await kernelAsTypeScript(),
  );
});
