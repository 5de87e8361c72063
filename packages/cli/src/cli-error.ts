/** Codes of failures that are the command's own; all others are those of StorageError. */
export type CliErrorCode =
  | 'CLI_USAGE'
  | 'CLI_BUSY'
  | 'CLI_FILE'
  | 'CLI_QUERY_INVALID'
  | 'CLI_NO_DOCUMENTS'
  | 'CLI_INTERRUPTED'
  | 'CLI_UNEXPECTED';

/** A failure that is the command's own, with what to do about it. */
export class CliError extends Error {
  override readonly name = 'CliError';
  readonly code: CliErrorCode;
  readonly action: string;

  constructor(code: CliErrorCode, message: string, action: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.action = action;
  }
}

/** Failures that were already reported, as lines of an answer: the command only has to end with exit code 1. */
export class AlreadyReported extends Error {
  override readonly name = 'AlreadyReported';
}
