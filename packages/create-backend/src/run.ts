import { basename, relative, resolve } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { Command, CommanderError } from 'commander';
import { Questions } from './ask.js';
import { type CreatedBackend, createBackend } from './create-backend.js';
import { CreateError } from './create-error.js';
import { checkPackageName, checkScheme, resolveNames } from './names.js';
import { packageVersion } from './package-version.js';

/** Environment of one run of the command. */
export interface RunSettings {
  /** Command-line arguments after the name of the command. */
  readonly args: readonly string[];
  /** Terminal for questions; without one, nothing is asked. */
  readonly stdin: Readable & { readonly isTTY?: boolean | undefined };
  readonly stdout: Writable;
  readonly stderr: Writable & { readonly isTTY?: boolean | undefined };
}

interface Options {
  readonly name?: string;
  readonly scheme?: string;
  readonly json?: boolean;
}

const exitCodes = { ok: 0, failure: 1, usage: 2, interrupted: 130 } as const;

/**
 * Runs the command and returns its exit code: 0 done, 1 failed, 2 the command line is invalid, 130 interrupted. Never
 * throws.
 */
export async function run(settings: RunSettings): Promise<number> {
  const json = settings.args.includes('--json');
  try {
    const [folder, options] = parse(settings);
    const request = await complete(settings, folder, options);
    const created = createBackend(request);
    const next = nextCommands(created);
    settings.stdout.write(
      json ? `${JSON.stringify({ ...created, next }, null, 2)}\n` : summary(created, next),
    );
    return exitCodes.ok;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return exitCodes.ok;
    const failure = describe(error);
    settings.stderr.write(
      json
        ? `${JSON.stringify({ error: failure })}\n`
        : `error [${failure.code}]: ${failure.message}\n  ${failure.action}\n`,
    );
    return exitCodeOf(failure.code);
  }
}

function parse({ args, stdout, stderr }: RunSettings): [folder: string | undefined, options: Options] {
  const command = new Command('create-backend')
    .description(
      'Starts a Switchyard backend of your own: a package with the conformance suite wired in, red at first.',
    )
    .usage('[options] FOLDER')
    .argument('[folder]', 'folder of the package: empty, or not there yet')
    .option('--name <name>', 'name of the package (default: the name of the folder)')
    .option('--scheme <scheme>', 'scheme of its connection strings (default: from the name of the package)')
    .option('--json', 'print the result, or the error, as JSON')
    .version(packageVersion())
    .addHelpText(
      'after',
      `
Examples:
  npm create @switchyard/backend my-shelf
  npm create @switchyard/backend my-shelf -- --name @me/switchyard-shelf --scheme shelf

On a terminal, it asks for the folder and the names if FOLDER is missing.
Exit codes: 0 done, 1 failed, 2 the command line is invalid, 130 interrupted.`,
    )
    .allowExcessArguments(false)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void stdout.write(text),
      writeErr: (text) => void stderr.write(text),
      outputError: () => undefined,
    });
  command.parse(args, { from: 'user' });
  return [command.args[0], command.opts<Options>()];
}

/** Asks for what is missing if there is a terminal and nobody asked for JSON. */
async function complete(
  { stdin, stderr }: RunSettings,
  folder: string | undefined,
  { name, scheme, json }: Options,
): Promise<Parameters<typeof createBackend>[0]> {
  if (folder !== undefined) return { folder, name, scheme };
  if (json === true || stdin.isTTY !== true || stderr.isTTY !== true) {
    throw new CreateError(
      'CREATE_USAGE',
      'The folder is missing.',
      'Name it: npm create @switchyard/backend my-shelf',
    );
  }
  const questions = new Questions(stdin, stderr);
  try {
    const answer = await questions.ask('Folder', 'my-shelf', () => undefined);
    const folderName = basename(resolve(answer)).toLowerCase();
    const named = name ?? (await questions.ask('Package name', folderName, checkPackageName));
    const suggested = suggestion(folderName, named);
    return {
      folder: answer,
      name: named,
      scheme: scheme ?? (await questions.ask('Scheme of connection strings', suggested, checkScheme)),
    };
  } finally {
    questions.close();
  }
}

/** Returns the scheme that follows from the name, or an example if none does. */
function suggestion(folderName: string, name: string): string {
  try {
    return resolveNames(folderName, { name }).scheme;
  } catch {
    return 'shelf';
  }
}

function nextCommands({ folder }: CreatedBackend): readonly string[] {
  const path = relative(process.cwd(), folder);
  const enter = path === '' ? [] : [`cd ${/\s/.test(path) ? JSON.stringify(path) : path}`];
  return [...enter, 'npm install', 'npm test'];
}

function summary({ folder, name, scheme, files }: CreatedBackend, next: readonly string[]): string {
  return [
    `Created ${name} in ${folder}: ${files.length} files, for connection strings that begin with ${scheme}:`,
    '',
    ...next.map((command) => `  ${command}`),
    '',
    'README.md has the steps, from the first red test to a green suite.',
    '',
  ].join('\n');
}

interface Failure {
  readonly code: string;
  readonly message: string;
  readonly action: string;
}

function describe(error: unknown): Failure {
  if (error instanceof CreateError) {
    return { code: error.code, message: error.message, action: error.action };
  }
  if (error instanceof CommanderError) {
    const message = error.message.replace(/^error: /, '');
    const sentence = `${message.charAt(0).toUpperCase()}${message.slice(1)}${message.endsWith('.') ? '' : '.'}`;
    return {
      code: 'CREATE_USAGE',
      message: sentence,
      action: 'Run `npm create @switchyard/backend -- --help`.',
    };
  }
  const message = error instanceof Error ? error.message : String(error);
  return { code: 'CREATE_UNEXPECTED', message, action: 'Report it as a bug in Switchyard.' };
}

function exitCodeOf(code: string): number {
  if (code === 'CREATE_INTERRUPTED') return exitCodes.interrupted;
  const isUsage = ['CREATE_USAGE', 'CREATE_INVALID_NAME', 'CREATE_INVALID_SCHEME'].includes(code);
  return isUsage ? exitCodes.usage : exitCodes.failure;
}
