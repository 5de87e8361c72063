import { stat } from 'node:fs/promises';
import { CliError } from '../cli-error.js';

/** @throws CliError `CLI_FILE` when the query file is missing or a folder. */
export async function requireFile(file: string): Promise<void> {
  const found = await stat(file).catch((cause: unknown) => {
    throw new CliError(
      'CLI_FILE',
      `The query file cannot be read: ${file}`,
      'Check the path, or use - for stdin.',
      cause,
    );
  });
  if (found.isDirectory()) {
    throw new CliError('CLI_FILE', `The query file is a folder: ${file}`, 'Pass a file of JSON lines.');
  }
}
