// Runs the contract tests of a backend on stores in files, and prints the numbers of their outcomes as JSON:
// contract.mjs PACKAGE EXPORT PREFIX OPTIONS GROUPS, where EXPORT is the definition, and a connection string is PREFIX, a
// path and OPTIONS. GROUPS are separated by commas; without them, all run.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runConformance } from '@switchyard/storage-conformance/suite';
import { parseConnectionString } from '@switchyard/storage-core';

const [name, exportName, prefix, options = '', groups = ''] = process.argv.slice(2);
const { [exportName]: definition } = await import(name);
const connect = (file) =>
  definition.create(parseConnectionString(`${prefix}${file}${options}`, { backends: [definition] }));

const wanted = groups === '' ? null : new Set(groups.split(','));
const results = await runConformance(
  {
    name: `${definition.name}${options}`,
    runs: 5,
    create: () => {
      const folder = mkdtempSync(join(tmpdir(), 'switchyard-contract-'));
      const file = join(folder, 'store.db');
      const cleanup = () => rmSync(folder, { recursive: true, force: true });
      return { backend: connect(file), reopen: () => connect(file), file, cleanup };
    },
  },
  ({ id }) => wanted === null || wanted.has(id.split('/')[0]),
);
const ids = (state) => results.filter(({ outcome }) => outcome.state === state).map(({ test }) => test.id);
const failures = results.flatMap(({ test, outcome }) =>
  outcome.state === 'failed'
    ? [{ id: test.id, message: String(outcome.error?.message ?? outcome.error) }]
    : [],
);
console.log(JSON.stringify({ passed: ids('passed').length, skipped: ids('skipped').length, failures }));
process.exit(0); // handles that a driver left open
