import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Files } from '../commands.js';
import { command, type Provocation } from '../provocation.js';

/** Mistakes with legacy stores. @param legacy A legacy store with the content of `store`. */
export function legacyProvocations({ folder, store }: Files, legacy: string): readonly Provocation[] {
  const missing = join(folder, 'missing.db');
  const text = join(folder, 'no-legacy.db');
  writeFileSync(text, 'This is no database.\n'.repeat(50));
  return [
    command('a legacy store opened as libSQL', ['libraries', legacy]),
    command('a libSQL store opened as legacy', ['libraries', `sqlite-vec:${store}`]),
    command('optimize a legacy store', ['optimize', `sqlite-vec:${legacy}`]),
    command('convert without a target', ['convert', legacy]),
    command('convert with both targets', ['convert', legacy, '--to', missing, '--in-place']),
    command('convert with a backup but not in place', ['convert', legacy, '--to', missing, '--backup', 'b']),
    command('convert to an existing file', ['convert', legacy, '--to', store]),
    command('convert a file that is not a legacy store', ['convert', text, '--to', missing]),
    command('convert a libSQL store', ['convert', store, '--to', missing]),
    command('convert a missing store', ['convert', missing, '--to', join(folder, 'new.db')]),
  ];
}
