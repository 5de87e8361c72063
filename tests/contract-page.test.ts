import { join } from 'node:path';
import {
  type ContractTest,
  contractGroups,
  contractTests,
  type Need,
} from '@switchyard/storage-conformance/suite';
import { expect, it } from 'vitest';

/**
 * Generates docs/reference/contract.md from the contract tests, so that a sentence, its test and its port stand side by
 * side. `npx vitest run tests/contract-page.test.ts -u` writes the page again.
 */
const groupOf = ({ id }: ContractTest) => id.slice(0, id.indexOf('/'));

const header = `# The contract

<!-- Generated from the contract tests: npx vitest run tests/contract-page.test.ts -u -->

What every backend does, in ${contractTests.length} sentences. Each is checked by the test with its id, in
[\`@switchyard/storage-conformance\`](../../packages/storage-conformance/README.md), on every backend of this repository and
on yours. A sentence with a need in brackets applies to backends that declare it; the others are skipped there, and the
refusal of what is not declared is checked instead.
`;

function describeNeed(need: Need): string {
  if ('capability' in need) return need.capability;
  if ('metric' in need) return `metric ${need.metric}`;
  if ('mode' in need) return `mode ${need.mode}`;
  if ('ranking' in need) return `ranking ${need.ranking}`;
  return `${need.hook}()`;
}

function row(test: ContractTest): string {
  const needs = test.needs.length === 0 ? '' : ` [${test.needs.map(describeNeed).join(', ')}]`;
  const sentence = test.title.replaceAll('|', '\\|').replaceAll('<', '&lt;');
  return `| \`${test.id}\` | ${sentence}${needs} |`;
}

function section({ name, port, subject }: (typeof contractGroups)[number]): string {
  const tests = contractTests.filter((test) => groupOf(test) === name);
  return [
    `## ${name}`,
    `Port: \`${port}\`. Subject: ${subject}.`,
    ['| test | sentence |', '|---|---|', ...tests.map(row)].join('\n'),
  ].join('\n\n');
}

it('has a subject and a port for every group, and no other', () => {
  const names = contractGroups.map(({ name }) => name);
  expect([...names].sort()).toEqual([...new Set(contractTests.map(groupOf))].sort());
});

it('is the page of the documentation', async () => {
  const page = [header.trimEnd(), ...contractGroups.map(section)].join('\n\n');
  const file = join(import.meta.dirname, '../docs/reference/contract.md');
  await expect(`${page}\n`).toMatchFileSnapshot(file);
});
