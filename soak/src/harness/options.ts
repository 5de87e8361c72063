import { parseArgs } from 'node:util';

/** What every soak run understands. */
export interface SoakOptions {
  readonly seed: string;
  readonly count: number;
  readonly only: readonly string[] | null;
  readonly workers: number;
  readonly state: string;
  readonly fresh: boolean;
  readonly json: boolean;
  readonly keep: boolean;
  /** Only this case, such as `1-116`; its result is printed and not kept. */
  readonly case: string | null;
}

/** Defaults and words of one command. */
export interface SoakCommand {
  readonly name: string;
  /** The option that says how much is done, such as `kills`. */
  readonly countName: string;
  readonly count: number;
  readonly help: string;
}

/** Reads the command line; prints the help and ends the process when that is asked for. @throws TypeError */
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
    throw new TypeError(`--${name} must be a whole number from 1, not '${text}'.`);
  }
  return value;
}

function usage({ name, countName, count, help }: SoakCommand): string {
  return `npm run soak:${name} -- [options]

${help}

Options:
  --seed TEXT        everything random follows from it; default 1
  --${`${countName} N`.padEnd(17)}default ${count}
  --only A,B         only these
  --workers N        how many at once; default 2
  --state FILE       results so far; a run that was interrupted resumes. Default .soak/${name}-SEED.jsonl
  --fresh            discards earlier results of the state file
  --case ID          runs one case of the summary again and prints what it gave
  --keep             leaves the files of failed cases behind
  --json             prints the summary as JSON
  -h, --help         shows this

The exit code is 0 when nothing failed and 1 when something did.`;
}
