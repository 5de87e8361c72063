import { readFile } from 'node:fs/promises';
import asc from 'assemblyscript/asc';

const KERNEL = new URL('../assembly/kernel.ts', import.meta.url);

/** Compiles one AssemblyScript file to WebAssembly. Deterministic. */
export async function compile(file) {
  const source = (await readFile(file, 'utf8')).replaceAll(/^\/\/ (@inline)$/gm, '$1');
  let binary;
  const result = await asc.main(
    [
      'module.ts',
      ...['--outFile', 'module.wasm'],
      ...['--enable', 'simd'],
      // No heap, no garbage collector, no globals: the host owns the memory.
      ...['--runtime', 'stub', '--importMemory', '--initialMemory', '1', '--noAssert'],
      ...['-O3', '--converge'],
    ],
    {
      readFile: (name) => (name === 'module.ts' ? source : null),
      writeFile: (name, contents) => {
        if (name.endsWith('.wasm')) binary = contents;
      },
      listFiles: () => [],
    },
  );
  if (result.error !== null || binary === undefined) {
    throw new Error(`AssemblyScript failed: ${result.stderr.toString()}`, { cause: result.error });
  }
  return binary;
}

/** Returns the text of src/wasm/binary.ts for the current source. */
export function kernelAsTypeScript() {
  return asTypeScript(KERNEL, 'KERNEL_WASM_BASE64');
}

/** Returns a TypeScript module with one compiled file of an `assembly` folder in a constant. */
export async function asTypeScript(file, constant) {
  const lines = Buffer.from(await compile(file))
    .toString('base64')
    .match(/.{1,100}/g);
  return [
    `// Generated from assembly/${file.pathname.split('/').at(-1)} by \`npm run build:wasm\`. Do not edit.`,
    '// Held as text inside a module, so that it loads without file access wherever modules load.',
    `export const ${constant} =`,
    ...lines.map((line, index) => `  '${line}'${index === lines.length - 1 ? ';' : ' +'}`),
    '',
  ].join('\n');
}
