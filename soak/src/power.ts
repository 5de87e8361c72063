import { endOnSignals } from './harness/end-on-signals.js';
import { readOptions } from './harness/options.js';
import { Progress } from './harness/progress.js';
import { canRecord, recordHint } from './power/record.js';
import { summarize, toText } from './power/report.js';
import { runPower } from './power/run.js';

const options = readOptions(
  {
    name: 'power',
    countName: 'images',
    count: 1_400,
    help: 'Records the writes and syncs of runs and rebuilds images that a power cut may leave on the disk at any moment: with\nnone, all or part of the unsynced writes, or torn sectors. Fails if an image is damaged, lacks a synced write, or holds a\nlater write without an earlier one. Reports the maximum number of acknowledged writes lost.',
  },
  process.argv.slice(2),
);
endOnSignals();
if (!(await canRecord())) {
  console.error(recordHint);
  process.exit(2);
}
const report = summarize(await runPower(options, new Progress()));
console.log(options.json ? JSON.stringify(report, null, 2) : toText(report));
process.exit(report.faults.length === 0 ? 0 : 1);
