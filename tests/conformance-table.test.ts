import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { contractTests } from '@switchyard/storage-conformance';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..');
const guide = readFileSync(join(root, 'docs/guides/writing-a-backend.md'), 'utf8');

/** Contract tests of a run: all but a number that is skipped, or those of some groups. */
type Executed = { readonly skipped: number } | { readonly groups: readonly string[] };

/** Conformance runs of this repository. Each states its name, then what it executes. */
function registered(): Map<string, Executed> {
  const files = readdirSync(join(root, 'packages'), { recursive: true, encoding: 'utf8' }).filter((file) =>
    /^[\w-]+[\\/]test[\\/]conformance[\w-]*\.test\.ts$/.test(file),
  );
  const runs = files.flatMap((file) =>
    readFileSync(join(root, 'packages', file), 'utf8')
      .split(/\bname: '/)
      .slice(1),
  );
  return new Map(
    runs.map((run) => {
      const name = run.slice(0, run.indexOf("'"));
      const groups = /\bgroups: \[([^\]]+)\]/.exec(run)?.[1];
      const skipped = Number(/\bskipped: (\d+)/.exec(run)?.[1]);
      return [name, groups === undefined ? { skipped } : { groups: groupsIn(groups) }];
    }),
  );
}

/** Names of groups in quotes or backticks. */
function groupsIn(text: string): string[] {
  return [...text.matchAll(/['`]([\w-]+)['`]/g)].map(([, group = '']) => group);
}

describe('the table of conformance runs in the guide', () => {
  const rows = guide
    .split('\n')
    .map((line) => /^\| `([^`]+)` \| (?:all(?: but (\d+))?|(`[\w-]+`(?:, `[\w-]+`)*)) \|/.exec(line))
    .filter((match) => match !== null)
    .map(([, name = '', skipped = '0', groups]) => ({
      name,
      executed: groups === undefined ? { skipped: Number(skipped) } : { groups: groupsIn(groups) },
    }));

  it('has a row for every run, and no other', () => {
    expect(rows.map(({ name }) => name).sort()).toEqual([...registered().keys()].sort());
  });

  it.each(rows)('states what $name executes', ({ name, executed }) => {
    expect(executed).toEqual(registered().get(name));
  });

  it('contains a run of all groups for each backend, and for each place a store can be in', () => {
    const complete = [...registered()].flatMap(([name, run]) => ('groups' in run ? [] : [name]));
    for (const place of [
      'libsql (memory',
      'libsql (file',
      'libsql (sqld',
      'libsql (replica',
      'sqlite-vec (file', // @legacy
    ]) {
      expect(complete.filter((name) => name.startsWith(place))).not.toEqual([]);
    }
  });

  it('states the number of contract tests', () => {
    expect(guide).toContain(`The contract has ${contractTests.length} tests.`);
  });
});
