import { summarize, toText } from './damage/report.js';
import { runDamage } from './damage/run.js';
import { endOnSignals } from './harness/end-on-signals.js';
import { readOptions } from './harness/options.js';
import { Progress } from './harness/progress.js';

const options = readOptions(
  {
    name: 'damage',
    countName: 'files',
    count: 2_000,
    help: 'Damages copies of stores (bits, truncations, swapped and zeroed pages, logs) and uses each like an application\nand a user would. Fails on an abort, a hang, an untyped error, or a wrong answer that SQLite could have detected.',
  },
  process.argv.slice(2),
);
endOnSignals();
const report = summarize(await runDamage(options, new Progress()));
console.log(options.json ? JSON.stringify(report, null, 2) : toText(report));
process.exit(report.faults.length === 0 ? 0 : 1);
