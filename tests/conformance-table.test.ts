import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { contractTests } from '@switchyard/storage-conformance';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..');
const guide = readFileSync(join(root, 'docs/guides/writing-a-backend.md'), 'utf8');

/** Conformance runs of this repository, with the number of tests that each may skip. */
function registered(): Map<string, number> {
  const found = new Map<string, number>();
  const files = readdirSync(join(root, 'packages'), { recursive: true, encoding: 'utf8' }).filter((file) =>
    /^[\w-]+[\\/]test[\\/]conformance[\w-]*\.test\.ts$/.test(file),
  );
  for (const file of files) {
    const source = readFileSync(join(root, 'packages', file), 'utf8');
    const names = [...source.matchAll(/name: (?:'([^']+)'|`([^`]+)`)/g)].map(
      (match) => match[1] ?? match[2] ?? '',
    );
    const skipped = [...source.matchAll(/skipped: (\d+)/g)].map((match) => Number(match[1]));
    for (const [at, name] of names.entries()) {
      const count = skipped[Math.min(at, skipped.length - 1)] ?? Number.NaN;
      for (const isolation of ['inline', 'process'])
        found.set(name.replace(/\$\{isolation\}/, isolation), count);
    }
  }
  return found;
}

describe('the table of conformance runs in the guide', () => {
  const rows = guide
    .split('\n')
    .map((line) => /^\| `([^`]+)` \| all(?: but (\d+))? \|/.exec(line))
    .filter((match) => match !== null)
    .map(([, name = '', skipped = '0']) => ({ name, skipped: Number(skipped) }));

  it('has a row for every run, and no other', () => {
    expect(rows.map(({ name }) => name).sort()).toEqual([...registered().keys()].sort());
  });

  it.each(rows)('$name: $skipped skipped', ({ name, skipped }) => {
    expect(skipped).toBe(registered().get(name));
  });

  it('states the number of contract tests', () => {
    expect(guide).toContain(`The contract has ${contractTests.length} tests.`);
  });
});
