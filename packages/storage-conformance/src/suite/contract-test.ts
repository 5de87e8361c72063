import type { Capabilities, FtsRanking, Metric, SearchMode } from '@switchyard/storage-core';
import { type CapabilityFlag, hasCapability, rankingOf } from '@switchyard/storage-core/backend';
import type { TestContext } from './context.js';

/** Precondition of a contract test: a declared capability, or a hook provided in the options. */
export type Need =
  | { readonly capability: CapabilityFlag }
  | { readonly metric: Metric }
  | { readonly mode: SearchMode }
  | { readonly ranking: FtsRanking }
  | { readonly hook: 'reopen' };

/** One sentence of the contract and its check. */
export interface ContractTest {
  /** Stable id for `knownFaults`, such as `vectors/ties-at-the-limit`. */
  readonly id: string;
  /** The sentence of the contract. */
  readonly title: string;
  readonly needs: readonly Need[];
  /** Rejects if the sentence does not hold. */
  readonly run: (t: TestContext) => Promise<void>;
}

/** A test of a group. The group's name becomes the first part of the id. */
export type TestInGroup = readonly [
  name: string,
  title: string,
  run: (t: TestContext) => Promise<void>,
  ...needs: Need[],
];

/**
 * Defines the tests of one subject.
 *
 * @param shared Preconditions of all of them.
 */
export function contractGroup(
  group: string,
  tests: readonly TestInGroup[],
  ...shared: readonly Need[]
): ContractTest[] {
  return tests.map(([name, title, run, ...own]) => ({
    id: `${group}/${name}`,
    title,
    needs: [...shared, ...own],
    run,
  }));
}

/** Describes the first unmet precondition; null if all are met. */
export function unmetNeed(
  needs: readonly Need[],
  capabilities: Capabilities,
  hooks: { readonly reopen: boolean },
): string | null {
  for (const need of needs) {
    if ('capability' in need) {
      if (!hasCapability(capabilities, need.capability)) return `${need.capability} is not declared`;
    } else if ('metric' in need) {
      if (!capabilities.metrics.includes(need.metric)) return `the metric ${need.metric} is not declared`;
    } else if ('mode' in need) {
      if (!capabilities.searchModes.includes(need.mode))
        return `the search mode ${need.mode} is not declared`;
    } else if ('ranking' in need) {
      const ranking = rankingOf(capabilities);
      if (ranking !== need.ranking) return `the ranking is ${ranking}, not ${need.ranking}`;
    } else if (!hooks[need.hook]) {
      return `create() provides no ${need.hook}()`;
    }
  }
  return null;
}
