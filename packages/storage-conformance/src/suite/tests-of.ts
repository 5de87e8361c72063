import { contractTests } from '../contract/index.js';
import { outcomeTests } from '../contract/outcomes.js';
import { provokedTests } from '../contract/provoked.js';
import type { ContractTest } from './contract-test.js';
import type { ResolvedOptions } from './options.js';

/** Returns the group of a contract test, the first part of its id. */
export function groupOf({ id }: Pick<ContractTest, 'id'>): string {
  return id.slice(0, id.indexOf('/'));
}

/**
 * Selects the tests of a run: those of the contract and those that the options add, in the wanted groups.
 *
 * @throws TypeError for an unknown group, or a known fault that is not the id of a contract test.
 */
export function testsOf(options: ResolvedOptions): readonly ContractTest[] {
  const all = [...contractTests, ...provokedTests(options), ...outcomeTests(options)];
  for (const id of options.knownFaults) {
    if (!all.some((test) => test.id === id))
      throw new TypeError(`knownFaults: there is no contract test '${id}'.`);
  }
  const { groups } = options;
  if (groups === undefined) return all;
  const known = new Set(all.map(groupOf));
  for (const group of groups) {
    if (!known.has(group)) {
      throw new TypeError(`groups: there is no group '${group}'. Groups: ${[...known].join(', ')}.`);
    }
  }
  return all.filter((test) => groups.includes(groupOf(test)));
}
