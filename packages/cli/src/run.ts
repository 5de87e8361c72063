import { readFileSync } from 'node:fs';
import { parse } from 'node:path';
import process from 'node:process';
import { type Environment, SwitchyardContainer } from '@switchyard/storage-container/standalone';
import { CommanderError } from 'commander';
import { BackendPackages } from './backend-packages/backend-packages.js';
import { type BackendModule, definitionsOf } from './backend-packages/modules.js';
import { builtIns } from './backends.js';
import { AlreadyReported } from './cli-error.js';
import { Settings } from './config/settings.js';
import { exitCodes } from './exit-codes.js';
import { exitCodeAfter, interruptedError, isConsequenceOf } from './interruption.js';
import { exitCodeOf } from './output/describe-error.js';
import { Output, type OutputStream } from './output/output.js';
import { createProgram } from './program.js';

/** Environment of one run of the command. */
export interface RunSettings {
  /** Command-line arguments after the name of the command. */
  readonly args: readonly string[];
  readonly env: Environment;
  readonly stdin: AsyncIterable<Buffer | string>;
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  /** Backends in addition to those of the command: definitions, or modules of a container. Default: none. */
  readonly modules?: readonly BackendModule[] | undefined;
  /** Aborting it ends the command cleanly; the reason is the exit code. */
  readonly signal: AbortSignal;
}

/** Runs one command, closes everything it opened and returns the exit code. Never throws. */
export async function run({
  args,
  env,
  stdin,
  stdout,
  stderr,
  signal,
  modules = [],
}: RunSettings): Promise<number> {
  const output = new Output({ stdout, stderr, env, json: wantsJson(args) });
  const switchyard = new SwitchyardContainer(
    builtIns.map(({ backend }) => backend),
    env,
  );
  let code: number = exitCodes.ok;
  const cwd = workingFolder();
  const settings = new Settings({ env, cwd, switchyard });
  const backendPackages = new BackendPackages({ switchyard, settings, cwd });
  const fail = async (error: unknown) => {
    if (!(error instanceof AlreadyReported)) output.error(error, await backendPackages.adviceFor(error));
    if (code === exitCodes.ok) code = exitCodeOf(error);
  };
  const interrupted = (finished: boolean): number => {
    const exitCode = exitCodeAfter(signal);
    // Nothing to report if the reader of stdout went away.
    if (exitCode !== exitCodes.ok) {
      const command = args.find((arg) => !arg.startsWith('-'));
      output.error(interruptedError({ command, finished, progress: output.lastProgress }));
    }
    return exitCode;
  };
  try {
    switchyard.register(await definitionsOf(modules));
    const context = { switchyard, backendPackages, builtIns, output, env, settings, stdin, signal };
    const program = createProgram(context, packageVersion());
    await program.parseAsync(args, { from: 'user' });
    if (signal.aborted) code = interrupted(true);
  } catch (error) {
    if (signal.aborted) {
      // Any other failure is reported as well.
      if (!isConsequenceOf(signal, error)) await fail(error);
      code = interrupted(false);
    } else if (isHelp(error)) code = error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
    else await fail(error);
  }
  await switchyard.close().catch(fail);
  return code;
}

/** The working folder, or the root if somebody deleted it. */
function workingFolder(): string {
  try {
    return process.cwd();
  } catch {
    return parse(process.execPath).root;
  }
}

function wantsJson(args: readonly string[]): boolean {
  const end = args.indexOf('--');
  return (end === -1 ? args : args.slice(0, end)).includes('--json');
}

/** Returns true if help or the version was printed, either on request or because no command was given. */
function isHelp(error: unknown): error is CommanderError {
  return (
    error instanceof CommanderError &&
    ['commander.help', 'commander.helpDisplayed', 'commander.version'].includes(error.code)
  );
}

function packageVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  return (manifest as { version: string }).version;
}
