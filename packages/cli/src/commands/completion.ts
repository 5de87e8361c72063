import { Argument, type Command } from 'commander';
import type { CommandContext } from '../command-context.js';

const shells = ['bash', 'zsh', 'fish'] as const;

/** `switchyard completion SHELL` */
export function addCompletionCommand(program: Command, { output }: CommandContext): void {
  program
    .command('completion')
    .summary('print a completion script for bash, zsh or fish')
    .description(
      'Prints a script that completes commands, options and their values with TAB, without starting the command.',
    )
    .addArgument(new Argument('<shell>', 'shell to complete in').choices(shells))
    .addHelpText(
      'after',
      `
bash: add this line to ~/.bashrc
  eval "$(switchyard completion bash)"
zsh: add this line to ~/.zshrc, after compinit
  source <(switchyard completion zsh)
fish: run this once
  switchyard completion fish > ~/.config/fish/completions/switchyard.fish

Examples:
  $ switchyard completion bash > switchyard.bash`,
    )
    .action(async (shell: (typeof shells)[number]) => {
      const { generateCompletion } = await import('../completion/generate.js');
      const script = generateCompletion(program, shell);
      await output.result(script, () => script);
    });
}
