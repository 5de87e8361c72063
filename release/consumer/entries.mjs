// Imports every entry point of every package.
import { readFileSync } from 'node:fs';

const entries = JSON.parse(readFileSync(new URL('entries.json', import.meta.url), 'utf8'));
for (const entry of entries) {
  const names = Object.keys(await import(entry));
  if (names.length === 0) throw new Error(`${entry} exports nothing.`);
}
console.log(`${entries.length} entry points`);
