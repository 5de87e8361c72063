import type { Capabilities, Metric, SearchMode } from '@switchyard/storage-core';
import type { CapabilityFlag } from '@switchyard/storage-core/backend';
import type { TestContext } from './context.js';

/** What a contract test can only be run with: a declared capability, or a hook of whoever runs the suite. */
export type Need =
  | { readonly capability: CapabilityFlag }
  | { readonly metric: Metric }
  | { readonly mode: SearchMode }
  | { readonly hook: 'reopen' };

/** One sentence of the contract, and how it is checked. */
export interface ContractTest {
  /** Stable, such as `vectors/ties-at-the-limit`: what `knownFaults` names. */
  readonly id: string;
  /** What holds, in words. */
  readonly title: string;
  readonly needs: readonly Need[];
  /** Rejects when it does not hold. */
  readonly run: (t: TestContext) => Promise<void>;
}

/** A test of a group, whose name becomes the first part of its id. */
export type TestInGroup = readonly [
  name: string,
  title: string,
  run: (t: TestContext) => Promise<void>,
  ...needs: Need[],
];

/** The tests of one subject. */
export function contractGroup(group: string, tests: readonly TestInGroup[]): ContractTest[] {
  return tests.map(([name, title, run, ...needs]) => ({ id: `${group}/${name}`, title, needs, run }));
}

/** The first need that is not met, in words; null when all are. */
export function unmetNeed(
  needs: readonly Need[],
  capabilities: Capabilities,
  hooks: { readonly reopen: boolean },
): string | null {
  for (const need of needs) {
    if ('capability' in need) {
      if (!capabilities[need.capability]) return `${need.capability} is not declared`;
    } else if ('metric' in need) {
      if (!capabilities.metrics.includes(need.metric)) return `the metric ${need.metric} is not declared`;
    } else if ('mode' in need) {
      if (!capabilities.searchModes.includes(need.mode))
        return `the search mode ${need.mode} is not declared`;
    } else if (!hooks[need.hook]) {
      return `create() gives no ${need.hook}()`;
    }
  }
  return null;
}
