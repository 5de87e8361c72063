import type { Command } from 'commander';
import { wholeNumber } from '../arguments/numbers.js';
import type { CommandContext } from '../command-context.js';
import type { CompareCommandOptions } from '../compare/run-compare.js';
import { addThresholdOptions } from '../compare/thresholds.js';
import { embedderHelp } from '../embedding/choose-embedder.js';
import { exitCodes } from '../exit-codes.js';

const help = `
Queries are the JSON lines of \`search --queries\`, with an optional "intent"; a log is what the option queryLog of
DocumentStore records. Without a source, 100 queries are drawn from headings and sentences of the first store.

A threshold makes the command a gate: the exit code is ${exitCodes.threshold} when one is not met.

Examples:
  $ switchyard compare file:old.db file:new.db
  $ switchyard compare file:old.db file:new.db --queries queries.jsonl --report report.html
  $ switchyard compare file:old.db file:new.db --sample 200 --min-overlap 1 --max-p95-ratio 1.2
  $ switchyard compare file:new.db file:new.db --mode exact,diskann --open`;

/** `switchyard compare A B [C…]` */
export function addCompareCommand(program: Command, context: CommandContext): void {
  const command = program
    .command('compare')
    .summary('ask several stores the same, and compare answers and latency')
    .description(
      'Asks any number of stores the same queries, in turn, and compares hits, order, scores, recall and latency. The ' +
        'first store is the reference. Changes none of them.',
    )
    .argument('<a>', 'connection string of an existing store, the reference')
    .argument('<others...>', 'connection strings of the stores compared with it')
    .option('--queries <file>', 'queries as JSON lines; - reads stdin')
    .option('--sample <number>', 'draw this many queries from the first store', wholeNumber(1, 10_000))
    .option('--log <file>', 'queries of a recorded log, each once')
    .option('-n, --limit <number>', 'hits per query, where the query has no limit', wholeNumber(1, 1_000), 10)
    .option(
      '--embedder <spec>',
      `what makes vectors of the texts: ${embedderHelp}. Default: by each store's model`,
    )
    .option('--fts-only', 'full-text search only')
    .option('--mode <modes>', 'search mode, exact or diskann; a list has one for each store')
    .option('--repeat <number>', 'times that each query is asked', wholeNumber(1, 1_000), 3)
    .option('--warm-up <number>', 'queries asked before measuring', wholeNumber(0, 10_000), 10)
    .option('--seed <number>', 'seed of the sample and the resampling', wholeNumber(0, 2 ** 31 - 1), 1)
    .option('--quick', 'skip the digests and the recall, for which every store is read once')
    .option('--report <file>', 'write the report page, a file that ends in .html')
    .option('--open', 'serve the report on this machine, with a box to ask all stores, until Ctrl-C')
    .option('--port <number>', 'port for --open; 0 takes a free one', wholeNumber(0, 65_535), 0)
    .option('--json', 'print the comparison as JSON, without the texts of documents')
    .addHelpText('after', help);
  addThresholdOptions(command).action(async (a: string, others: string[], options: CompareCommandOptions) => {
    const { runCompare } = await import('../compare/run-compare.js');
    await runCompare(context, [a, ...others], options);
  });
}
