import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createMemoryState, MemoryBackend } from '@switchyard/storage-conformance/memory';
import { contractTests, runConformance } from '@switchyard/storage-conformance/suite';
import { type Capabilities, type StorageBackend, StorageError } from '@switchyard/storage-core';
import { describe, expect, it } from 'vitest';

const guide = readFileSync(join(import.meta.dirname, '../../../docs/guides/writing-a-backend.md'), 'utf8');

/** Capabilities that an author adds in each step of the guide; those of the steps before it stay. */
const declared: readonly Partial<Capabilities>[] = [
  {},
  {},
  { assignedIds: true, bulkDeletion: true },
  { vectors: true },
  { filters: true, vectorMaintenance: true, reembedding: true, changeLog: true },
  { fts: true, ftsMaintenance: true },
  { candidates: true },
];

const nothing: Partial<Capabilities> = {
  multiProcess: true,
  vectors: false,
  fts: false,
  assignedIds: false,
  candidates: false,
  filters: false,
  bulkDeletion: false,
  vectorMaintenance: false,
  ftsMaintenance: false,
  reembedding: false,
  changeLog: false,
};

/** Steps of the table in the guide, in its order. */
const steps = [...guide.matchAll(/^\| (\d) \| (.+?) \| (?:(.+?) )?\| (.+?) \|$/gm)].map(
  ([, step, write = '', declare = '', groups = '']) => ({
    step: Number(step),
    write: inBackticks(write),
    declare: inBackticks(declare),
    groups: inBackticks(groups),
  }),
);

function inBackticks(text: string): string[] {
  return [...text.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name);
}

/** Replaces methods that are not written yet: calling one is a mistake of the suite. */
function unwritten(backend: StorageBackend, names: readonly string[]): StorageBackend {
  const notImplemented = async () => {
    throw new StorageError('STORAGE_NOT_SUPPORTED', 'NOT_IMPLEMENTED');
  };
  const port = new Proxy({}, { get: () => notImplemented });
  return new Proxy(backend, {
    get: (target, key) => {
      const member: unknown = Reflect.get(target, key, target);
      if (!names.includes(String(key))) return typeof member === 'function' ? member.bind(target) : member;
      return typeof member === 'function' ? notImplemented : port;
    },
  });
}

/** Runs groups on a reference backend with these capabilities, without some of its methods. */
async function run(
  capabilities: Partial<Capabilities>,
  options: { readonly groups?: readonly string[]; readonly without?: readonly string[] } = {},
) {
  const { groups, without = [] } = options;
  const results = await runConformance({
    name: 'step',
    runs: 3,
    groups,
    create: () => {
      const state = createMemoryState();
      const make = () => unwritten(new MemoryBackend({ state, capabilities }), without);
      return { backend: make(), reopen: make };
    },
  });
  const named = (state: string) =>
    results.filter(({ outcome }) => outcome.state === state).map(({ test }) => test.id);
  return { passed: named('passed'), failed: named('failed') };
}

describe('the order of the guide', () => {
  it('has every group of the suite once', () => {
    const groups = contractTests.map(({ id }) => id.slice(0, id.indexOf('/')));
    expect(steps.flatMap((step) => step.groups).sort()).toEqual([...new Set(groups)].sort());
    expect(steps.map(({ step }) => step)).toEqual(declared.map((_, index) => index + 1));
  });

  // Step 1 is the program of section 1, which runs with the other snippets of the documentation.
  it.each(steps.slice(1))('is green in step $step: $groups', async ({ step, declare, groups }) => {
    const added = declared[step - 1] ?? {};
    expect(declare).toEqual(Object.keys(added));
    const capabilities = Object.assign({}, nothing, ...declared.slice(0, step));
    const later = steps.filter((other) => other.step > step).flatMap(({ write }) => write);
    // `withoutVectors()` is what the guide uses until step 4.
    const without = later.filter((name) => name !== 'vectors');
    const { passed, failed } = await run(capabilities, { groups, without });
    expect(failed).toEqual([]);
    for (const group of groups) {
      expect(passed.filter((id) => id.startsWith(`${group}/`))).not.toEqual([]);
    }
  });
});

describe('a backend that stays at one list, or none, keeps the whole contract', () => {
  it.each<[string, Partial<Capabilities>]>([
    ['full text only', { vectors: false }],
    ['vectors only', { fts: false }],
    ['neither', { vectors: false, fts: false }],
  ])('%s', async (_, capabilities) => {
    const { passed, failed } = await run(
      { multiProcess: true, ...capabilities },
      { without: capabilities.fts === false ? ['fts'] : [] },
    );
    expect(failed).toEqual([]);
    expect(passed).toContain('capabilities/lists-that-are-there');
    expect(passed).toContain('model/random-stories');
  });
});
