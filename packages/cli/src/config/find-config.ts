import { readFile, stat } from 'node:fs/promises';
import { parse as parsePath } from 'node:path';
import process from 'node:process';
import { lilconfig } from 'lilconfig';
import { CliError } from '../cli-error.js';
import { configError } from './config-error.js';
import { configNames } from './keys.js';
import type { ParsedConfig } from './parse-config.js';

/** A configuration file with its content. */
export interface FoundConfig extends ParsedConfig {
  /** Absolute path. */
  readonly file: string;
}

/**
 * Finds the nearest configuration file, in a folder or above it; null if there is none.
 *
 * @param user Id of the user who runs the command; undefined where files have no owners.
 * @throws CliError `CLI_CONFIG` for a file that cannot be used, with its path and the line.
 */
export async function findConfig(
  folder: string,
  user: number | undefined = process.getuid?.(),
): Promise<FoundConfig | null> {
  const load = async (file: string, text: string): Promise<ParsedConfig> => {
    await requireTrusted(file, user);
    return parse(file, text);
  };
  const search = lilconfig('switchyard', {
    searchPlaces: [...configNames],
    // Only these: the default loaders would execute a file of JavaScript.
    loaders: { '.yaml': load, '.yml': load, '.json': load },
    stopDir: parsePath(folder).root,
    ignoreEmptySearchPlaces: false,
    cache: false,
  });
  try {
    const found = await search.search(folder);
    if (found === null) return null;
    const parsed = (found.config ?? { values: {}, lines: {} }) as ParsedConfig;
    return { file: found.filepath, ...parsed };
  } catch (error) {
    if (error instanceof CliError) throw error;
    const code = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : '';
    throw new CliError(
      'CLI_CONFIG',
      `A configuration file in ${folder} or above cannot be read${code}.`,
      `It is one of ${configNames.join(', ')}. Check its permissions, or pass --no-config to ignore it.`,
      error,
    );
  }
}

/**
 * Reads the configuration file that the user named, regardless of its owner.
 *
 * @throws CliError `CLI_CONFIG` if it cannot be used.
 */
export async function readConfig(file: string): Promise<FoundConfig> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : '';
    throw configError(
      `The file cannot be read${code}.`,
      { file, line: null },
      'Correct the path after --config.',
      error,
    );
  }
  return { file, ...(await parse(file, text)) };
}

/** Parses a file. The parser is only loaded if there is one. */
async function parse(file: string, text: string): Promise<ParsedConfig> {
  const { parseConfig } = await import('./parse-config.js');
  return parseConfig(file, text);
}

/**
 * Refuses a file of another user, who could otherwise redirect the command, and the token in the environment, to a
 * server: folders such as /tmp are above many working folders. Root uses files of any user, as in a container.
 */
async function requireTrusted(file: string, user: number | undefined): Promise<void> {
  if (user === undefined || user === 0) return;
  const { uid } = await stat(file);
  if (uid === user || uid === 0) return;
  throw configError(
    'The file belongs to another user, so it is not used.',
    { file, line: null },
    'Pass --no-config to ignore it, or make a copy of your own in the folder you work in.',
  );
}
