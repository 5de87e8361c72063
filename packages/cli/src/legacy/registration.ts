import type { BuiltIn } from '../built-in.js';
import { legacyBackend } from './backend.js';
import { loadConversion } from './conversion.js';
import { addConvertCommand } from './convert.js';

/** Everything that the command knows about legacy stores. */
export const legacy: BuiltIn = {
  backend: legacyBackend,
  addCommands: addConvertCommand,
  async openReadOnly(path, signal) {
    const { LegacySource } = await loadConversion();
    const source = new LegacySource({ path });
    await source.open({ signal });
    return source;
  },
  help: {
    note: 'sqlite-vec: needs the package @switchyard/backend-sqlite-vec, except to convert, copy from and verify a legacy store.',
    examples: ['switchyard convert old.db --to new.db', 'switchyard verify sqlite-vec:old.db new.db'],
  },
};
