import { parseArgs } from 'node:util';

/** Options of every soak run. */
export interface SoakOptions {
  readonly seed: string;
  readonly count: number;
  readonly only: readonly string[] | null;
  readonly workers: number;
  readonly state: string;
  readonly fresh: boolean;
  readonly json: boolean;
  readonly keep: boolean;
  /** Runs only this case, such as `1-116`; its result is printed and not recorded. */
  readonly case: string | null;
}

/** Name, defaults and description of one command. */
export interface SoakCommand {
  readonly name: string;
  /** Name of the option for the amount of work, such as `kills`. */
  readonly countName: string;
  readonly count: number;
  readonly help: string;
}

/** Parses the command line; with `--help`, prints the help and exits. @throws TypeError */
export function readOptions(command: SoakCommand, argv: readonly string[]): SoakOptions {
  const { name, countName } = command;
  const { values } = parseArgs({
    args: [...argv],
    options: {
      seed: { type: 'string' },
      [countName]: { type: 'string' },
      only: { type: 'string' },
      workers: { type: 'string' },
      state: { type: 'string' },
      fresh: { type: 'boolean' },
      json: { type: 'boolean' },
      keep: { type: 'boolean' },
      case: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  }) as { values: Record<string, string | boolean | undefined> };
  if (values.help === true) {
    console.log(usage(command));
    process.exit(0);
  }
  const text = (key: string): string | null =>
    typeof values[key] === 'string' ? (values[key] as string) : null;
  const seed = text('seed') ?? '1';
  return {
    seed,
    count: whole(countName, text(countName) ?? String(command.count)),
    only: text('only')?.split(',') ?? null,
    workers: whole('workers', text('workers') ?? '2'),
    state: text('state') ?? `.soak/${name}-${seed}.jsonl`,
    fresh: values.fresh === true,
    json: values.json === true,
    keep: values.keep === true,
    case: text('case'),
  };
}

function whole(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) {
    throw new TypeError(`--${name} must be a positive integer, not '${text}'.`);
  }
  return value;
}

function usage({ name, countName, count, help }: SoakCommand): string {
  return `npm run soak:${name} -- [options]

${help}

Options:
  --seed TEXT        seed of all random choices; default 1
  --${`${countName} N`.padEnd(17)}number of ${countName}; default ${count}
  --only A,B         run only these
  --workers N        number of parallel workers; default 2
  --state FILE       results so far, with which an interrupted run resumes. Default .soak/${name}-SEED.jsonl
  --fresh            discard earlier results of the state file
  --case ID          repeat one case of the summary and print its result
  --keep             keep the files of failed cases
  --json             print the summary as JSON
  -h, --help         show this help

The exit code is 0 if there are no faults and 1 otherwise.`;
}
