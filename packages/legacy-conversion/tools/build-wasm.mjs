import { writeFile } from 'node:fs/promises';
import { fractionsAsTypeScript } from './compile-wasm.mjs';

const target = new URL('../src/vectors/wasm/binary.ts', import.meta.url);
await writeFile(target, await fractionsAsTypeScript());
console.log('src/vectors/wasm/binary.ts written');
