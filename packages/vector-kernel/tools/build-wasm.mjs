import { mkdir, writeFile } from 'node:fs/promises';
import { kernelAsTypeScript } from './compile-wasm.mjs';

await mkdir(new URL('../src/wasm/', import.meta.url), { recursive: true });
await writeFile(new URL('../src/wasm/binary.ts', import.meta.url), await kernelAsTypeScript());
console.log('src/wasm/binary.ts written');
