import { Command } from 'commander';
import { CliError } from './cli-error.js';
import type { CommandContext } from './command-context.js';
import { addAnnIndexCommand } from './commands/ann-index.js';
import { addCheckCommand } from './commands/check.js';
import { addCompareCommand } from './commands/compare.js';
import { addCompletionCommand } from './commands/completion.js';
import { addCopyCommand } from './commands/copy.js';
import { addDoctorCommand } from './commands/doctor.js';
import { addEvaluateCommand } from './commands/evaluate.js';
import { addIndexCommand } from './commands/index-documents.js';
import { addInspectCommand } from './commands/inspect.js';
import { addLibrariesCommand } from './commands/libraries.js';
import { addMigrateCommand } from './commands/migrate.js';
import { addOptimizeCommand } from './commands/optimize.js';
import { addReembedCommand } from './commands/reembed.js';
import { addRemoveCommand } from './commands/remove.js';
import { addSearchCommand } from './commands/search.js';
import { addSyncCommand } from './commands/sync.js';
import { addVerifyCommand } from './commands/verify.js';
import { fitHelp } from './help/fit-help.js';
import { generalHelp } from './help/general-help.js';

/** Builds the command line; parsing it runs one command. The parser throws errors and never prints them. */
export function createProgram(context: CommandContext, version: string): Command {
  const program = new Command('switchyard')
    .description('Indexes, searches, inspects and copies stores of documentation.')
    .version(version, '-V, --version')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => context.output.requestedHelp(fitHelp(text, context.output.columns)),
      writeErr: (text) => context.output.help(text),
      // The error is also thrown, and printed with its code in one place for all errors.
      outputError: () => undefined,
    })
    .addHelpText('after', () => generalHelp(context.switchyard.definitions, context.builtIns))
    .helpCommand(false);
  addIndexCommand(program, context);
  addSearchCommand(program, context);
  addLibrariesCommand(program, context);
  addInspectCommand(program, context);
  addDoctorCommand(program, context);
  addCheckCommand(program, context);
  addMigrateCommand(program, context);
  addOptimizeCommand(program, context);
  addReembedCommand(program, context);
  addAnnIndexCommand(program, context);
  addRemoveCommand(program, context);
  addSyncCommand(program, context);
  addCopyCommand(program, context);
  for (const { addCommands } of context.builtIns) addCommands?.(program, context);
  addVerifyCommand(program, context);
  addEvaluateCommand(program, context);
  addCompareCommand(program, context);
  addCommonOptions(program, context);
  addCompletionCommand(program, context);
  addHelpCommand(program);
  return program;
}

/** Options that {@link addCommonOptions} adds. */
interface CommonOptions {
  readonly quiet?: boolean;
  /** False for `--no-config`. */
  readonly config?: string | false;
  readonly backend?: readonly string[];
}

/** Adds the options that commands have in common, and applies them before a command runs. */
function addCommonOptions(program: Command, { output, settings, backendPackages }: CommandContext): void {
  for (const command of program.commands) {
    command
      .option('--backend <package>', 'package or file of a further backend; may be repeated', collect)
      .option('--config <file>', 'configuration file to use, which may load the backends it lists')
      .option('--no-config', 'ignore the configuration file')
      .option('-q, --quiet', 'print only results and errors: no notes, no progress');
  }
  program.hook('preAction', async (_program, command) => {
    const { quiet, config, backend = [] } = command.opts<CommonOptions>();
    if (!opensStores(command)) return;
    if (quiet === true) output.silence();
    if (config === false) settings.ignoreFile();
    else if (config !== undefined) settings.useFile(config);
    // Diagnosing a package that cannot be used is part of the diagnosis.
    await backendPackages.load(backend, { tolerant: command.name() === 'doctor' });
  });
}

/** Returns true for a command with the options of {@link addCommonOptions}. */
function opensStores(command: Command): boolean {
  return command.options.some((option) => option.long === '--backend');
}

function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

/** Replaces commander's help command, which prints the whole help for a command that does not exist. */
function addHelpCommand(program: Command): void {
  program
    .command('help')
    .description('Shows the help of a command.')
    .argument('[command]', 'name of a command; without one, the general help is shown')
    .action((name: string | undefined) => {
      const command = name === undefined ? program : program.commands.find((one) => one.name() === name);
      if (command !== undefined) command.help();
      const known = program.commands.map((one) => one.name()).join(', ');
      throw new CliError('CLI_USAGE', `There is no command '${name}'.`, `The commands are: ${known}.`);
    });
}
