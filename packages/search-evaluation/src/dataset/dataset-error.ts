/** Place in a file, for messages. */
export interface FilePlace {
  /** Name of the file, as the caller gave it. */
  readonly file: string;
  /** Line number, from 1; null when the whole file is meant. */
  readonly line: number | null;
}

/**
 * A data set, judgments or a run that cannot be used. The message names the file and the line.
 *
 * @example
 * ```ts
 * throw new DatasetError('"query" is missing.', { file: 'questions.yaml', line: 12 });
 * ```
 */
export class DatasetError extends Error {
  override readonly name = 'DatasetError';
  /** Stable code. */
  readonly code = 'DATASET_INVALID';
  /** Name of the file. */
  readonly file: string;
  /** Line number, from 1; null when the whole file is meant. */
  readonly line: number | null;

  /** Creates an error about a place in a file. */
  constructor(problem: string, { file, line }: FilePlace, cause?: unknown) {
    super(
      `${file}${line === null ? '' : `:${line}`}: ${problem}`,
      cause === undefined ? undefined : { cause },
    );
    this.file = file;
    this.line = line;
  }
}
