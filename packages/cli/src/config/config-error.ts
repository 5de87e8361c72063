import { CliError } from '../cli-error.js';

/** Place of a problem in a configuration file. */
export interface ConfigPlace {
  readonly file: string;
  /** Null if the problem concerns the whole file. */
  readonly line: number | null;
}

/** Builds the error for an unusable configuration file. Never repeats values, which may be secrets. */
export function configError(
  message: string,
  { file, line }: ConfigPlace,
  action: string,
  cause?: unknown,
): CliError {
  const where = line === null ? file : `${file}, line ${line}`;
  const details = line === null ? { file } : { file, line };
  return new CliError('CLI_CONFIG', `${where}: ${message}`, action, cause, details);
}
