import { Readable, Writable } from 'node:stream';
import { run } from '@switchyard/cli';

/** Result of a command. */
export interface CommandResult {
  readonly exitCode: number;
  readonly stdout: string;
  /** Codes of the reported errors. */
  readonly codes: readonly string[];
  readonly messages: readonly string[];
}

/** Runs a `switchyard` command in this process, with `--json`. */
export async function runCommand(...args: readonly string[]): Promise<CommandResult> {
  const [stdout, stderr] = [new Collector(), new Collector()];
  const exitCode = await run({
    args: [...args, '--json'],
    env: {},
    stdin: Readable.from([]),
    stdout,
    stderr,
    signal: new AbortController().signal,
  });
  const errors = stderr.text
    .split('\n')
    .filter((line) => line.startsWith('{"error"'))
    .map((line) => (JSON.parse(line) as { error: { code: string; message: string } }).error);
  return {
    exitCode,
    stdout: stdout.text,
    codes: errors.map(({ code }) => code),
    messages: errors.map(({ message }) => message),
  };
}

class Collector extends Writable {
  text = '';

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}
