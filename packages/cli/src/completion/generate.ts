import type { Command } from 'commander';
import { bashCompletion } from './bash.js';
import { fishCompletion } from './fish.js';
import { shapeOf } from './shape.js';
import { zshCompletion } from './zsh.js';

const generators = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion };

/** Generates the completion script of a shell from the definitions of the commands. */
export function generateCompletion(program: Command, shell: keyof typeof generators): string {
  return generators[shell](shapeOf(program));
}
