import type { ContractTest } from './contract-test.js';
import type { Outcome } from './execute.js';
import type { ResolvedOptions } from './options.js';
import { groupOf } from './tests-of.js';

/** Tests that take longer are named as slow, in milliseconds. */
const SLOW_MS = 1000;
/** Number of slow tests named. */
const MAX_SLOW = 5;

interface GroupTally {
  readonly tests: number;
  passed: number;
  skipped: number;
  known: number;
  failed: number;
  milliseconds: number;
}

/** Counts the outcomes of a run by group, and prints them. */
export class RunReport {
  readonly #options: ResolvedOptions;
  readonly #tests: readonly ContractTest[];
  readonly #groups = new Map<string, GroupTally>();
  readonly #slow: { readonly id: string; readonly milliseconds: number }[] = [];

  constructor(options: ResolvedOptions, tests: readonly ContractTest[]) {
    this.#options = options;
    this.#tests = tests;
    for (const test of tests) {
      const known = this.#groups.get(groupOf(test));
      const tally = { passed: 0, skipped: 0, known: 0, failed: 0, milliseconds: 0 };
      this.#groups.set(groupOf(test), { ...tally, tests: (known?.tests ?? 0) + 1 });
    }
  }

  /** Counts a finished test, and prints a line when it was the last one of its group. */
  add(test: ContractTest, { state }: Outcome, isKnown: boolean, milliseconds: number): void {
    const group = groupOf(test);
    const tally = this.#groups.get(group);
    if (tally === undefined) return;
    tally[state === 'failed' && isKnown ? 'known' : state] += 1;
    tally.milliseconds += milliseconds;
    if (milliseconds >= SLOW_MS) this.#slow.push({ id: test.id, milliseconds });
    const { passed, skipped, known, failed } = tally;
    if (this.#options.report === 'groups' && passed + skipped + known + failed === tally.tests) {
      console.log(`${this.#options.name}: ${group}: ${describe(tally)}`);
    }
  }

  /** Prints the result of the run. @throws Error if a test is missing, or more or fewer were skipped than expected. */
  finish(): void {
    const { name, report, knownFaults, skipped: expected, groups } = this.#options;
    const total = (key: Exclude<keyof GroupTally, 'tests'>) =>
      [...this.#groups.values()].reduce((sum, tally) => sum + tally[key], 0);
    const skipped = total('skipped');
    const executed = total('passed') + total('known') + total('failed');
    const known = knownFaults.length;
    const faults = known === 0 ? '' : `, ${known} known ${known === 1 ? 'fault' : 'faults'}`;
    const of = groups === undefined ? '' : ` of ${groups.join(', ')}`;
    const line = `${name}: ${executed} contract tests${of}, ${skipped} skipped${faults}`;
    console.log(report === 'groups' ? [this.#table(), ...this.#slowest(), line].join('\n') : line);
    if (executed + skipped !== this.#tests.length) {
      throw new Error(`${this.#tests.length} contract tests are registered; ${executed + skipped} finished.`);
    }
    // Part of the groups has part of the skipped tests.
    if (expected !== undefined && groups === undefined && expected !== skipped) {
      throw new Error(`${skipped} contract tests were skipped; ${expected} were expected.`);
    }
  }

  #table(): string {
    const width = Math.max(...[...this.#groups.keys()].map((group) => group.length));
    const cells = (row: readonly (string | number)[]) => row.map((cell) => String(cell).padStart(9)).join('');
    const rows = [...this.#groups].map(
      ([group, { passed, skipped, known, failed, milliseconds }]) =>
        group.padEnd(width) + cells([passed, skipped, known, failed, (milliseconds / 1000).toFixed(1)]),
    );
    return ['group'.padEnd(width) + cells(['passed', 'skipped', 'known', 'failed', 'seconds']), ...rows].join(
      '\n',
    );
  }

  #slowest(): string[] {
    const slow = [...this.#slow].sort((a, b) => b.milliseconds - a.milliseconds).slice(0, MAX_SLOW);
    if (slow.length === 0) return [];
    return [`slowest: ${slow.map(({ id, milliseconds }) => `${id} ${seconds(milliseconds)}`).join(', ')}`];
  }
}

function describe({ passed, skipped, known, failed, milliseconds }: GroupTally): string {
  const counts = [
    `${passed} passed`,
    skipped > 0 && `${skipped} skipped`,
    known > 0 && `${known} known`,
    failed > 0 && `${failed} failed`,
  ];
  return `${counts.filter(Boolean).join(', ')} (${seconds(milliseconds)})`;
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}
