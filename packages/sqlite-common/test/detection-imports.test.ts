import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';

/** The modules that a module loads, types left out, by way of its own relative imports. */
function loadedBy(path: string, found = new Set<string>()): Set<string> {
  if (found.has(path)) return found;
  found.add(path);
  const text = readFileSync(path, 'utf8');
  for (const [, specifier = ''] of text.matchAll(/^(?:import|export) (?!type )[^;]*?from '([^']+)';/gm)) {
    if (specifier.startsWith('.')) loadedBy(join(dirname(path), specifier.replace(/\.js$/, '.ts')), found);
    else found.add(specifier);
  }
  return found;
}

it('the detection process only loads a few small files, because every first open waits for it', () => {
  const loaded = [...loadedBy(join(import.meta.dirname, '../src/detection/main.ts'))];
  expect(loaded.filter((name) => !name.startsWith('/')).sort()).toEqual(['node:fs', 'node:readline']);
  expect(loaded.length).toBeLessThanOrEqual(10);
});
