import { readFile } from 'node:fs/promises';
import { DatasetError, type TextFile } from '@switchyard/search-evaluation';
import { CliError } from '../cli-error.js';

/** Reads a text file that an option names. @throws CliError `CLI_FILE` */
export async function readTextFile(file: string, what: string): Promise<TextFile> {
  try {
    return { file, text: await readFile(file, 'utf8') };
  } catch (cause) {
    const isFolder = (cause as NodeJS.ErrnoException).code === 'EISDIR';
    const message = isFolder ? `${what} is a folder: ${file}` : `${what} cannot be read: ${file}`;
    throw new CliError('CLI_FILE', message, 'Check the path.', cause);
  }
}

/** Calls a reader of data sets, whose errors name the file and the line. @throws CliError `CLI_DATASET_INVALID` */
export function reading<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof DatasetError)) throw error;
    throw new CliError(
      'CLI_DATASET_INVALID',
      error.message,
      'Correct the file; `switchyard help evaluate` shows the formats.',
      error,
    );
  }
}
