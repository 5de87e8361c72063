import { CliError } from '../cli-error.js';
import type { CommandContext } from '../command-context.js';
import { STORE_VARIABLE } from '../config/settings.js';

/** Describes STORE, which the environment or the configuration file may give, for the help. */
export function storeHelp(description = 'connection string of an existing store'): string {
  return `${description}. Default: ${STORE_VARIABLE}, else "store" of the configuration file`;
}

/**
 * Returns the given store, else that of the environment, else that of the configuration file.
 *
 * @param name Name of the argument or option, for the message.
 * @throws CliError `CLI_USAGE` if there is none.
 */
export async function chooseStore(
  { settings }: CommandContext,
  given: string | undefined,
  name = 'STORE',
): Promise<string> {
  const chosen = given ?? (await settings.store())?.store;
  if (chosen === undefined) throw missing(name);
  return chosen;
}

function missing(name: string): CliError {
  return new CliError(
    'CLI_USAGE',
    `Missing ${name}, the connection string of a store.`,
    `Pass it, set ${STORE_VARIABLE}, or write store: docs.db into switchyard.config.yaml.`,
  );
}

/** Beginnings and endings that only a STORE has: a scheme, a path from a folder, or the extension of a database. */
const PATH = /^(?:\.{0,2}[\\/]|~[\\/]|[a-z]:[\\/])|^[^?]*\.(?:db|sqlite3?)(?:\?|$)/i;
const URL_LIKE = /^[a-z][a-z\d+.-]*:\/\//i;

/** STORE, and the arguments that follow it. */
export interface SplitArguments {
  readonly store: string;
  readonly rest: readonly string[];
}

/** Input of {@link takeStore}. */
export interface StoreArguments {
  /** Positional arguments, STORE first if it is given. */
  readonly words: readonly string[];
  /** Value of `--store`, if given: then STORE is not among the arguments. */
  readonly option: string | undefined;
  /** Maximum number of arguments after STORE; with more, the first is STORE. Null for any number. */
  readonly after: number | null;
}

/**
 * Separates STORE from the arguments that follow it. Without a default, the first argument is STORE. With one, it is
 * STORE only if there are too many arguments otherwise, or if it looks like a connection string: it begins with a scheme,
 * `/`, `./` or `../`, or ends in .db, .sqlite or .sqlite3.
 *
 * @throws CliError `CLI_USAGE` if there is no store.
 */
export async function takeStore(
  context: CommandContext,
  { words, option, after }: StoreArguments,
): Promise<SplitArguments> {
  if (option !== undefined) return { store: option, rest: words };
  const [first, ...rest] = words;
  const isStore =
    first !== undefined && ((after !== null && words.length > after) || looksLikeStore(context, first));
  if (isStore) return { store: first, rest };
  const chosen = await context.settings.store();
  if (chosen !== null) return { store: chosen.store, rest: words };
  if (first === undefined) throw missing('STORE');
  return { store: first, rest };
}

function looksLikeStore({ switchyard }: CommandContext, text: string): boolean {
  const prefixes = switchyard.definitions.flatMap(({ schemes }) => schemes.map(({ prefix }) => prefix));
  const hasScheme = prefixes.some((one) => one !== '' && text.toLowerCase().startsWith(one.toLowerCase()));
  return hasScheme || URL_LIKE.test(text) || PATH.test(text);
}
