import { readFileSync } from 'node:fs';
import { createContainer, type Environment } from '@switchyard/storage-container';
import { CommanderError } from 'commander';
import { backendModules } from './backends.js';
import { AlreadyReported, CliError } from './cli-error.js';
import { exitCodes } from './exit-codes.js';
import { exitCodeOf } from './output/describe-error.js';
import { Output, type OutputStream } from './output/output.js';
import { createProgram } from './program.js';

/** The surroundings of one run of the command. */
export interface RunSettings {
  /** What stands behind the name of the command. */
  readonly args: readonly string[];
  readonly env: Environment;
  readonly stdin: AsyncIterable<Buffer | string>;
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  /** Aborting it ends the command cleanly; the reason is the exit code. */
  readonly signal: AbortSignal;
}

/** Runs one command to its end, closes what it opened and gives the exit code. Never throws. */
export async function run({ args, env, stdin, stdout, stderr, signal }: RunSettings): Promise<number> {
  const output = new Output({ stdout, stderr, env, json: wantsJson(args) });
  const switchyard = createContainer({ modules: backendModules, env });
  let code: number = exitCodes.ok;
  const fail = (error: unknown) => {
    if (!(error instanceof AlreadyReported)) output.error(error);
    if (code === exitCodes.ok) code = exitCodeOf(error);
  };
  try {
    const program = createProgram({ switchyard, output, env, stdin, signal }, packageVersion());
    await program.parseAsync(args, { from: 'user' });
    if (signal.aborted) code = reportInterruption(output, signal);
  } catch (error) {
    if (signal.aborted) code = reportInterruption(output, signal);
    else if (isHelp(error)) code = error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
    else fail(error);
  }
  await switchyard.close().catch(fail);
  return code;
}

function wantsJson(args: readonly string[]): boolean {
  const end = args.indexOf('--');
  return (end === -1 ? args : args.slice(0, end)).includes('--json');
}

/** Help and version were asked for and printed, or no command was given and help was printed instead. */
function isHelp(error: unknown): error is CommanderError {
  return (
    error instanceof CommanderError &&
    ['commander.help', 'commander.helpDisplayed', 'commander.version'].includes(error.code)
  );
}

/** Tells of a signal; a reader of stdout that went away (exit code 0) needs no word. */
function reportInterruption(output: Output, signal: AbortSignal): number {
  const code = typeof signal.reason === 'number' ? signal.reason : exitCodes.interrupted;
  if (code !== exitCodes.ok) {
    const action = 'What was written before stays; run it again to go on.';
    output.error(new CliError('CLI_INTERRUPTED', 'The command was interrupted.', action));
  }
  return code;
}

function packageVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  return (manifest as { version: string }).version;
}
