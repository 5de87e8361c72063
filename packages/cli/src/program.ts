import { Command } from 'commander';
import type { CommandContext } from './command-context.js';
import { addCheckCommand } from './commands/check.js';
import { addConvertCommand } from './commands/convert.js';
import { addCopyCommand } from './commands/copy.js';
import { addDoctorCommand } from './commands/doctor.js';
import { addIndexCommand } from './commands/index-documents.js';
import { addInspectCommand } from './commands/inspect.js';
import { addLibrariesCommand } from './commands/libraries.js';
import { addOptimizeCommand } from './commands/optimize.js';
import { addReembedCommand } from './commands/reembed.js';
import { addSearchCommand } from './commands/search.js';
import { addVectorIndexCommand } from './commands/vector-index.js';
import { addVerifyCommand } from './commands/verify.js';
import { generalHelp } from './help/general-help.js';

/** The command line: parsing it runs one command. Errors are thrown, never printed, by the parser. */
export function createProgram(context: CommandContext, version: string): Command {
  const program = new Command('switchyard')
    .description('Indexes, searches, inspects and copies stores of documentation.')
    .version(version, '-V, --version')
    .exitOverride()
    .configureOutput({
      writeErr: (text) => context.output.help(text),
      // The error is thrown as well, and printed with its code where all errors are.
      outputError: () => undefined,
    })
    .addHelpText('after', () => generalHelp(context.switchyard.definitions));
  addIndexCommand(program, context);
  addSearchCommand(program, context);
  addLibrariesCommand(program, context);
  addInspectCommand(program, context);
  addDoctorCommand(program, context);
  addCheckCommand(program, context);
  addOptimizeCommand(program, context);
  addReembedCommand(program, context);
  addVectorIndexCommand(program, context);
  addCopyCommand(program, context);
  addConvertCommand(program, context);
  addVerifyCommand(program, context);
  return program;
}
