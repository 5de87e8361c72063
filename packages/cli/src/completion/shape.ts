import { embedderSpecs } from '@switchyard/embedders';
import type { Command, Option } from 'commander';

/** Kind of a value: a file, one of some words, or anything else. */
export type ValueKind =
  | { readonly type: 'file' | 'other' }
  | { readonly type: 'words'; readonly words: readonly string[] };

/** An option, for completion. */
export interface OptionShape {
  /** Long form, such as `--limit`. */
  readonly long: string;
  /** Short form, such as `-n`; null without one. */
  readonly short: string | null;
  readonly description: string;
  /** Null for an option without a value. */
  readonly value: ValueKind | null;
  /** True if it may be repeated. */
  readonly repeatable: boolean;
}

/** A command, for completion. */
export interface CommandShape {
  readonly name: string;
  readonly summary: string;
  readonly options: readonly OptionShape[];
  /** Kinds of its arguments, in order. */
  readonly values: readonly ValueKind[];
  /** True if the last argument may be repeated. */
  readonly isVariadic: boolean;
}

/** The whole command line, for completion. */
export interface ProgramShape {
  readonly name: string;
  readonly options: readonly OptionShape[];
  readonly commands: readonly CommandShape[];
}

const HELP: OptionShape = {
  long: '--help',
  short: '-h',
  description: 'display help for command',
  value: null,
  repeatable: false,
};

/** Names of arguments and of option values that are files, stores included. */
const FILES = new Set(['file', 'store', 'source', 'from', 'to', 'a', 'others', 'b', 'legacy', 'package']);

/** Reads commands, options and arguments from the definitions that the parser uses. */
export function shapeOf(program: Command): ProgramShape {
  const names = program.commands.map((command) => command.name());
  return {
    name: program.name(),
    options: [...program.options.map(toOption), HELP],
    commands: program.commands.map((command) => ({
      name: command.name(),
      summary: command.summary() || command.description(),
      options: [...command.options.filter(({ hidden }) => !hidden).map(toOption), HELP],
      values: command.registeredArguments.map((argument) =>
        argument.name() === 'command'
          ? { type: 'words', words: names }
          : kindOf(argument.name(), argument.argChoices),
      ),
      isVariadic: command.registeredArguments.some(({ variadic }) => variadic),
    })),
  };
}

function toOption(option: Option): OptionShape {
  const name = /[<[]([\w-]+)/.exec(option.flags)?.[1];
  return {
    long: option.long ?? option.flags,
    short: option.short ?? null,
    description: option.description,
    value: name === undefined ? null : kindOf(name, option.argChoices),
    repeatable: name === 'glob' || name === 'package',
  };
}

function kindOf(name: string, choices: readonly string[] | undefined): ValueKind {
  if (choices !== undefined) return { type: 'words', words: choices };
  if (name === 'spec') return { type: 'words', words: embedders };
  return { type: FILES.has(name) ? 'file' : 'other' };
}

/** Forms of EMBEDDER up to the part that the user fills in. */
const embedders = [...new Set(embedderSpecs.map(({ spec }) => spec.replace(/[A-Z]+$/, '')))];
