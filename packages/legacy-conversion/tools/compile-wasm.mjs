import { asTypeScript } from '../../vector-kernel/tools/compile-wasm.mjs';

/** The text of src/vectors/wasm/binary.ts for the present source. */
export function fractionsAsTypeScript() {
  return asTypeScript(new URL('../assembly/embedding-text.ts', import.meta.url), 'FRACTIONS_WASM_BASE64');
}
