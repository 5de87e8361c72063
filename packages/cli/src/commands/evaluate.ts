import { type Command, InvalidArgumentError, Option } from 'commander';
import { parseLibraryArgument } from '../arguments/library-ref.js';
import { wholeNumber } from '../arguments/numbers.js';
import type { CommandContext } from '../command-context.js';
import { embedderHelp } from '../embedding/choose-embedder.js';
import type { EvaluateOptions } from '../evaluation/run-evaluate.js';
import { chooseStore, storeHelp } from '../stores/choose-store.js';

/** `switchyard evaluate STORE --dataset FILE` */
export function addEvaluateCommand(program: Command, context: CommandContext): void {
  program
    .command('evaluate')
    .summary('measure search quality on judged queries')
    .description(
      'Searches a store for every query of a data set and measures the rankings of pages against its judgments. ' +
        'Compares them with a baseline, or with the rankings of another store, when asked to.',
    )
    .argument('[store]', storeHelp())
    .requiredOption('--dataset <file>', 'judged queries: YAML, JSON Lines, or TREC topics')
    .option('--qrels <file>', 'TREC judgments, for TREC topics')
    .option('--library <library>', 'where TREC topics are searched, LIBRARY[@VERSION]', parseLibraryArgument)
    .option(
      '-n, --limit <number>',
      'chunks per search; ranks depend on it, so compare only results of one limit (default: 30)',
      wholeNumber(1, 10_000),
    )
    .option(
      '--embedder <spec>',
      `what makes the vectors of queries: ${embedderHelp}. Default: by the store's model`,
    )
    .option('--fts-only', 'full-text search only, without an embedder')
    .addOption(
      new Option('--fusion <preset>', 'how vector and full-text ranks are combined').choices(['tuned']),
    )
    .option('--baseline <file>', 'compare with an earlier result or a TREC run: pass, fail or inconclusive')
    .option('--margin <number>', 'largest loss of nDCG@10 that passes', decimal, 0.02)
    .option('--seed <number>', 'seed of the randomization test', wholeNumber(0, 2 ** 31 - 1), 1)
    .option('--identical-to <store>', 'require the same chunks at the same ranks as in another store')
    .option('--output <file>', 'write the result as JSON, for --baseline')
    .option('--run <file>', 'write the rankings as a TREC run')
    .option('--write-qrels <file>', 'write the judgments in the format of TREC')
    .option('--json', 'print the result as JSON')
    .addHelpText('after', help)
    .action(async (given: string | undefined, options: EvaluateOptions) => {
      const store = await chooseStore(context, given);
      const { runEvaluate } = await import('../evaluation/run-evaluate.js');
      await runEvaluate(context, store, options);
    });
}

const help = `
A data set is a list of entries, at the top of a YAML file or below "entries", each with its fields in "vars" or
directly; in JSON Lines, one entry a line:
  entries:
    - vars:
        library: pino
        version: "10"            # optional; chosen as by search
        query: hide passwords
        intent: api              # optional
        qrels: [{ url: "npm:pino@10.4.0/docs/redaction.md", grade: 3 }]
Grades are 1 to 3; pages without one count as not relevant. Chunks of a page count once, at the best rank.

Exit codes: 0 done or passed, 3 failed or not identical, 4 inconclusive.

Examples:
  $ switchyard evaluate file:docs.db --dataset questions.yaml --output before.json
  $ switchyard evaluate file:docs.db --dataset questions.yaml --baseline before.json
  $ switchyard evaluate file:new.db --dataset questions.yaml --identical-to file:old.db`;

function decimal(text: string): number {
  const number = /^(?:\d+\.?\d*|\.\d+)$/.test(text) ? Number(text) : Number.NaN;
  if (!(number > 0 && number <= 1)) throw new InvalidArgumentError('It must be a number above 0, at most 1.');
  return number;
}
