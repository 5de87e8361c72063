import { summarize, toText } from './crash/report.js';
import { runCrashes } from './crash/run.js';
import { endOnSignals } from './harness/end-on-signals.js';
import { readOptions } from './harness/options.js';
import { Progress } from './harness/progress.js';

const options = readOptions(
  {
    name: 'crash',
    countName: 'kills',
    count: 2_000,
    help: 'Kills processes that write stores, and takes images of their files at one moment. Fails if an acknowledged write is\nmissing from the catalog, full text or vectors, if another write was applied in part, or if an outcome was untrue.',
  },
  process.argv.slice(2),
);
endOnSignals();
const report = summarize(await runCrashes(options, new Progress()));
console.log(options.json ? JSON.stringify(report, null, 2) : toText(report));
process.exit(report.faults.length === 0 ? 0 : 1);
