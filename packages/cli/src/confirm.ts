import { AlreadyReported, CliError } from './cli-error.js';
import type { CommandContext } from './command-context.js';
import { printable } from './output/plain-text.js';
import { readLines } from './queries/read-lines.js';

/**
 * Asks on the terminal whether to go on.
 *
 * @throws CliError `CLI_USAGE` without a terminal, or with `--json`; AlreadyReported for any answer but yes.
 */
export async function confirm({ stdin, output, signal }: CommandContext, question: string): Promise<void> {
  const isTerminal = 'isTTY' in stdin && stdin.isTTY === true && output.canAsk;
  if (!isTerminal) {
    throw new CliError(
      'CLI_USAGE',
      `A confirmation is required: ${question}`,
      'Add --yes to confirm, or --dry-run to look first. Nothing was changed.',
    );
  }
  output.ask(`${printable(question)} [y/N] `);
  for await (const answer of readLines(stdin, signal)) {
    if (/^\s*y(?:es)?\s*$/i.test(answer)) return;
    break;
  }
  output.note('Nothing was changed.');
  throw new AlreadyReported('Not confirmed.');
}
