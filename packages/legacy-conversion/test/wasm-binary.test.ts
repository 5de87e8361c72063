import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { fractionsAsTypeScript } from '../tools/compile-wasm.mjs';

it('the committed WebAssembly is what its source compiles to', async () => {
  const file = new URL('../src/vectors/wasm/binary.ts', import.meta.url);
  expect(
    await readFile(file, 'utf8'),
    'run: npm run build:wasm --workspace @switchyard/legacy-conversion',
  ).toBe(await fractionsAsTypeScript());
});
