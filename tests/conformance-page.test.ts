import { join } from 'node:path';
import {
  type ContractTest,
  contractGroups,
  contractTests,
  unmetNeed,
} from '@switchyard/storage-conformance/suite';
import { describe, expect, it } from 'vitest';
import { type ConformanceRun, capabilitiesOf, conformanceRuns } from './support/conformance-runs.js';

const header = `# Conformance of the backends

<!-- Generated from the conformance runs: npx vitest run tests/conformance-page.test.ts -u -->

Contract tests that each backend passes, of the ${contractTests.length} of the [contract](contract.md), by group. Two numbers
are passed and skipped tests; a skipped test needs a capability that the backend does not declare, and its refusal is
checked instead. A dash is a group of which nothing applies. Every run is part of \`npm test\`, and those of the packages insist
on their number of skipped tests; the [guide](../guides/writing-a-backend.md#8-run-the-suite) lists the partial runs as well.
`;

/** Results of a group in a run. */
interface Cell {
  readonly passed: number;
  readonly skipped: number;
  readonly known: number;
}

const groupOf = ({ id }: ContractTest) => id.slice(0, id.indexOf('/'));

/**
 * Returns the results of a run. They follow from what its backend declares: a test whose needs are met passes, or is a
 * known fault, else the run would fail.
 */
async function resultsOf(run: ConformanceRun): Promise<ReadonlyMap<string, Cell>> {
  const capabilities = await capabilitiesOf(run);
  // All stores that outlive their backend can be reopened.
  const hooks = { reopen: capabilities.persistent };
  const cells = new Map<string, Cell>();
  for (const test of contractTests) {
    const { passed, skipped, known } = cells.get(groupOf(test)) ?? { passed: 0, skipped: 0, known: 0 };
    const isSkipped = unmetNeed(test.needs, capabilities, hooks) !== null;
    const isKnown = run.knownFaults.includes(test.id);
    cells.set(groupOf(test), {
      passed: passed + (isSkipped || isKnown ? 0 : 1),
      skipped: skipped + (isSkipped ? 1 : 0),
      known: known + (isKnown ? 1 : 0),
    });
  }
  return cells;
}

function show({ passed, skipped, known }: Cell): string {
  if (passed + known === 0) return '–';
  const counts = [String(passed), skipped > 0 && `${skipped} skipped`, known > 0 && `${known} known`];
  return counts.filter(Boolean).join(', ');
}

const sum = (cells: Iterable<Cell>): Cell =>
  [...cells].reduce((total, { passed, skipped, known }) => ({
    passed: total.passed + passed,
    skipped: total.skipped + skipped,
    known: total.known + known,
  }));

/** Runs of all groups; variations of one place that declare the same are one column. */
const complete = conformanceRuns().filter(({ groups }) => groups === null);

describe('the conformance runs', () => {
  it.each(complete)('skip what follows from the declaration: $name', async (run) => {
    const { skipped, known } = sum((await resultsOf(run)).values());
    if (run.skipped !== null) expect(skipped).toBe(run.skipped);
    expect(known).toBe(run.knownFaults.length);
  });
});

it('is the page of the documentation', async () => {
  const columns = await Promise.all(
    complete.map(async (run) => ({ name: run.name, cells: await resultsOf(run) })),
  );
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const cellOf = (cells: ReadonlyMap<string, Cell>, group: string) =>
    show(cells.get(group) ?? { passed: 0, skipped: 0, known: 0 });
  const page = [
    header,
    line(['group', ...columns.map(({ name }) => name)]),
    line(['---', ...columns.map(() => '---')]),
    ...contractGroups.map(({ name }) =>
      line([`\`${name}\``, ...columns.map(({ cells }) => cellOf(cells, name))]),
    ),
    line(['all', ...columns.map(({ cells }) => show(sum(cells.values())))]),
  ].join('\n');
  const file = join(import.meta.dirname, '../docs/reference/conformance.md');
  await expect(`${page}\n`).toMatchFileSnapshot(file);
});
