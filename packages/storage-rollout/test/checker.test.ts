import * as machine from '@switchyard/storage-rollout/machine';
import { describe, expect, it } from 'vitest';
import { describeCounterexample } from './checker/describe.js';
import { explore } from './checker/explore.js';
import { mutants, mutate } from './checker/mutants.js';
import { largeScopes, type Scope, scopes, walkScopes } from './checker/scopes.js';
import { randomFrom, walk } from './checker/walk.js';

/**
 * Explores everything that two stores, a few processes and a few failures can come to, and checks the invariants of
 * docs/concepts/rollout.md after every step. `SWITCHYARD_ROLLOUT_CHECK=large` explores larger scopes, for minutes.
 */
const isLarge = process.env.SWITCHYARD_ROLLOUT_CHECK === 'large';
/** States of a large scope, at some 2 KB each. */
const LARGE_STATES_MAX = 1_500_000;
const happened = new Set<string>();

function exploreWhole({ start }: Scope, statesMax: number): string {
  const world = start(machine);
  const found = explore(machine, world, { statesMax });
  for (const event of found.happened) happened.add(event);
  if (found.counterexample !== null) return describeCounterexample(world, found.counterexample);
  return found.isComplete ? 'holds' : `not explored within ${statesMax} states`;
}

describe('all invariants hold', () => {
  it.each(scopes)('$name', (scope) => {
    expect(exploreWhole(scope, 150_000)).toBe('holds');
  });

  it.runIf(isLarge).each(largeScopes)('$name', { timeout: 3_600_000 }, (scope) => {
    // Larger than memory: the shortest ways are explored, up to the bound.
    expect(['holds', `not explored within ${LARGE_STATES_MAX} states`]).toContain(
      exploreWhole(scope, LARGE_STATES_MAX),
    );
  });

  it('after every kind of call, refusal and failure', () => {
    expect([...happened].sort()).toMatchSnapshot();
  });
});

describe('all invariants hold on random ways', () => {
  it.each(walkScopes)('$name', { timeout: 3_600_000 }, ({ start }) => {
    for (let seed = 1; seed <= (isLarge ? 20_000 : 100); seed++) {
      const world = start(machine);
      const { counterexample } = walk(machine, world, randomFrom(seed));
      const found = counterexample === null ? '' : describeCounterexample(world, counterexample);
      expect(found, `seed ${seed}`).toBe('');
    }
  });
});

describe('a fault in the machine is found', () => {
  const found: string[] = [];

  it.each(mutants)('$name', async (mutant) => {
    const scope = scopes.find(({ name }) => name.startsWith(mutant.scope));
    const faulty = await mutate(mutant);
    const world = (scope as Scope).start(faulty);
    const { counterexample } = explore(faulty, world, { statesMax: 150_000 });
    if (counterexample === null) throw new Error(`Nothing was found in the scope '${scope?.name}'.`);
    found.push(`${mutant.name}\n${describeCounterexample(world, counterexample)}\n`);
    expect(counterexample.invariant).toBe(mutant.breaks);
    expect(counterexample.path.length).toBeLessThanOrEqual(16);
  });

  it('by the ways in counterexamples.txt', async ({ skip }) => {
    if (found.length < mutants.length) skip('Only some of the faults were tried.');
    await expect(found.join('\n')).toMatchFileSnapshot('checker/counterexamples.txt');
  });
});
