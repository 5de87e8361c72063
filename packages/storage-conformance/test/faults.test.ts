import { type Fault, faults } from '@switchyard/storage-conformance/faults';
import { contractTests, runConformance } from '@switchyard/storage-conformance/suite';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

// Any counterexample will do: the search for the smallest one takes longer than all the rest.
fc.configureGlobal({ ...fc.readConfigureGlobal(), endOnFailure: true });

async function outcomeOf({ name, create }: Fault, id: string) {
  const options = { name, create, runs: 60 };
  const [result] = await runConformance(options, (test) => test.id === id);
  return result?.outcome;
}

describe('every deliberately broken backend fails the contract test that detects its fault', () => {
  it.each(faults.map((fault) => [fault.name, fault.caughtBy, fault] as const))(
    '%s: %s',
    async (_, id, fault) => {
      const outcome = await outcomeOf(fault, id);
      expect(outcome?.state).toBe('failed');
      // It must fail by an assertion of the test, not by a bug in the broken backend.
      const { error } = outcome as { error: Error };
      const causes = [error, error.cause].map((one) => (one instanceof Error ? one.name : ''));
      expect(causes.some((name) => /AssertionError|StorageError|^Error$/.test(name))).toBe(true);
    },
  );

  it('has at least sixteen faults, each with a unique name and an existing test', () => {
    expect(faults.length).toBeGreaterThanOrEqual(16);
    expect(new Set(faults.map(({ name }) => name)).size).toBe(faults.length);
    const ids = new Set(contractTests.map(({ id }) => id));
    for (const { caughtBy } of faults) expect(ids).toContain(caughtBy);
  });
});

describe('the random sequences of the model test also detect', () => {
  const names = [
    'loses-the-last-chunk',
    'adds-instead-of-replacing',
    'applies-half-a-list',
    'deletes-the-library-too-early',
    'takes-grandchildren-for-children',
    'vectors-leak-across-versions',
    'fts-leaks-across-versions',
    'keeps-vectors-of-replaced-chunks',
    'breaks-ties-after-the-limit',
    'gives-one-hit-too-many',
    'ignores-exclude-structural',
    'counts-rarity-per-version',
    'own-ranking-finds-only-the-first-word',
    'own-ranking-cuts-before-it-ranks',
    'own-ranking-relates-scores-to-the-best-hit',
    'own-ranking-is-another-in-candidates',
  ];
  it.each(names)('%s', async (name) => {
    const fault = faults.find((one) => one.name === name);
    expect(fault).toBeDefined();
    const outcome = await outcomeOf(fault as Fault, 'model/random-stories');
    expect(outcome).toMatchObject({
      state: 'failed',
      error: { message: expect.stringContaining('Counterexample') },
    });
  });
});
