import { parseArgs } from 'node:util';

/** Options of the demo. */
export interface DemoArguments {
  /** Folder of the stores; null for a temporary folder. */
  readonly keep: string | null;
  /** Includes pages that are omitted by default to keep the demo short. */
  readonly all: boolean;
  readonly json: boolean;
  readonly help: boolean;
  /** Number of hits shown per answer, from 1 to 5. */
  readonly show: number;
}

export const usage = `Indexes the documentation inside fastify, undici and pino into a store (of the legacy format,
as long as there is one) and its copy in libSQL, asks both the same questions and compares the answers.

Usage: npm run demo -- [options]

  --keep DIR   keep both stores in DIR; a second run with the same DIR does not embed again
  --show N     hits shown of each answer, 1 to 5 (default 3); answers are compared by their best 5 in any case
  --all        index the pages, too, that are left out to keep the demo short
  --json       print one JSON object
  --help       print this
`;

/** @throws TypeError for invalid arguments. */
export function parseArguments(args: readonly string[]): DemoArguments {
  const { values } = parseArgs({
    args: [...args],
    options: {
      keep: { type: 'string' },
      show: { type: 'string', default: '3' },
      all: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const { keep = null, all, json, help } = values;
  if (keep === '') throw new TypeError('--keep needs the name of a folder.');
  if (!/^[1-5]$/.test(values.show)) throw new TypeError('--show takes a number from 1 to 5.');
  return { keep, all, json, help, show: Number(values.show) };
}
