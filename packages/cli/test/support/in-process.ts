import { Readable, Writable } from 'node:stream';
import type { BackendModule } from '../../src/backend-packages/modules.js';
import { run } from '../../src/run.js';
import type { Finished } from './command.js';

/** Options of {@link runHere}. */
export interface RunHereOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Standard input. */
  readonly input?: string | AsyncIterable<string>;
  /** Pretends that standard input and error are a terminal. */
  readonly terminal?: boolean;
  readonly modules?: readonly BackendModule[];
}

/**
 * Runs the command in this process, which saves starting one. Of the working folder and the environment, only the
 * variables of `options` can be chosen: the working folder is that of the test.
 */
export async function runHere(
  args: readonly string[],
  { env = {}, input = '', terminal = false, modules }: RunHereOptions = {},
): Promise<Finished> {
  const [stdout, stderr] = [new Text(), new Text()];
  const stdin = Object.assign(Readable.from(typeof input === 'string' ? [input] : input), {
    isTTY: terminal,
  });
  const { signal } = new AbortController();
  const code = await run({
    args,
    env,
    stdin,
    stdout,
    stderr: Object.assign(stderr, { isTTY: terminal, columns: 80 }),
    signal,
    modules,
  });
  return { code, stdout: stdout.text, stderr: stderr.text };
}

/** Runs the command here, which must succeed, and returns what it printed with `--json`. */
export async function runHereJson(args: readonly string[], options?: RunHereOptions): Promise<unknown> {
  const { code, stdout, stderr } = await runHere([...args, '--json'], options);
  if (code !== 0) throw new Error(`switchyard ${args.join(' ')} ended with ${code}: ${stderr}`);
  return JSON.parse(stdout) as unknown;
}

/** A stream that keeps everything written to it. */
class Text extends Writable {
  text = '';

  override _write(piece: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.text += piece.toString('utf8');
    done();
  }
}
