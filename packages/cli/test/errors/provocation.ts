import { Writable } from 'node:stream';
import { isStorageError } from '@switchyard/storage-core';
import { run } from '../../src/run.js';

/** A way in which a user or a program can cause an error. */
export interface Provocation {
  /** Short description of the mistake. */
  readonly title: string;
  /** Makes the mistake. */
  readonly provoke: () => Promise<Provoked>;
}

/** The resulting error. */
export interface Provoked {
  readonly code: string;
  readonly message: string;
  /** Output of a command; absent if the error was thrown to a program. */
  readonly printed?: string;
  readonly exitCode?: number;
  readonly retryable?: boolean | undefined;
  readonly outcome?: string | undefined;
}

/** Surroundings of a command. */
export interface CommandOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string;
  /** Working folder. Default: that of the test. */
  readonly cwd?: string;
}

/** A command that fails. */
export function command(title: string, args: readonly string[], options: CommandOptions = {}): Provocation {
  return { title, provoke: () => runCommand(args, options) };
}

/** A call of the library that is rejected with a StorageError. */
export function call(title: string, work: () => Promise<unknown>): Provocation {
  return {
    title,
    provoke: async () => {
      const error = await work().then(
        (value) => new Error(`It succeeded with ${JSON.stringify(value)}.`),
        (reason: unknown) => reason,
      );
      if (!isStorageError(error)) throw error;
      const { code, message, retryable, outcome } = error;
      return { code, message, retryable, outcome };
    },
  };
}

async function runCommand(
  args: readonly string[],
  { env = {}, stdin = '', cwd = process.cwd() }: CommandOptions,
): Promise<Provoked> {
  const [stdout, stderr] = [new Text(), new Text()];
  const input = async function* () {
    yield stdin;
  };
  const { signal } = new AbortController();
  const before = process.cwd();
  process.chdir(cwd);
  const exitCode = await run({ args, env, stdin: input(), stdout, stderr, signal }).finally(() =>
    process.chdir(before),
  );
  const printed = stderr.text;
  const [, code = 'none', message = ''] = /error \[(\w+)\]: ([\s\S]*?)(?:\n {2}|\n?$)/.exec(printed) ?? [];
  return { code, message, printed, exitCode };
}

/** A stream that keeps everything written to it. */
class Text extends Writable {
  text = '';

  override _write(piece: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.text += piece.toString('utf8');
    done();
  }
}
