import { errorCodes, isStorageError, type StorageError } from '@switchyard/storage-core';
import { CommanderError } from 'commander';
import { AlreadyReported, CliError, type CliErrorCode } from '../cli-error.js';
import { exitCodes } from '../exit-codes.js';

/** An error as shown by the command. */
export interface ErrorDescription {
  readonly code: string;
  readonly message: string;
  /** Advice on what to do. */
  readonly action: string;
  readonly backend?: string | undefined;
  readonly retryable?: boolean | undefined;
  readonly outcome?: string | undefined;
  readonly details?: StorageError['details'];
  readonly cause?: string | undefined;
  /** Individual errors, if several things failed. */
  readonly errors?: readonly ErrorDescription[] | undefined;
}

/** Describes an error for users and programs. */
export function describeError(error: unknown): ErrorDescription {
  if (isStorageError(error)) {
    const { code, message, advice, backend, retryable, outcome, details } = error;
    return {
      code,
      message,
      // An error of another copy of the package may lack it.
      action: advice ?? errorCodes[code].action,
      backend,
      retryable,
      outcome,
      details,
      cause: causeOf(error),
    };
  }
  if (error instanceof CliError) {
    const { code, message, action, details } = error;
    return { code, message, action, details, cause: causeOf(error) };
  }
  if (error instanceof CommanderError) {
    const action = 'Run `switchyard help`, or `switchyard help COMMAND` for one command.';
    return { code: 'CLI_USAGE', message: sentence(error.message), action };
  }
  if (error instanceof AggregateError) {
    const errors = error.errors.map(describeError);
    const action = 'Each failure is listed with advice.';
    return { code: errors[0]?.code ?? 'CLI_UNEXPECTED', message: error.message, action, errors };
  }
  return {
    code: 'CLI_UNEXPECTED',
    message: error instanceof Error ? error.message : String(error),
    action: 'Report it as a bug in Switchyard; SWITCHYARD_DEBUG=1 prints the stack trace.',
    cause: causeOf(error),
  };
}

/** Codes of mistakes in what the command was told, which trying again cannot mend. */
const MISTAKES: ReadonlySet<string> = new Set<CliErrorCode>(['CLI_USAGE', 'CLI_CONFIG', 'CLI_BACKEND']);

/** Exit code for an error. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof AlreadyReported) return error.exitCode;
  const usage =
    error instanceof CommanderError ||
    (error instanceof CliError && MISTAKES.has(error.code)) ||
    isStorageError(error, 'STORAGE_CONNECTION_STRING');
  return usage ? exitCodes.usage : exitCodes.failure;
}

/** Message of the underlying error. Omitted for a failed system call, which the message already explains. */
function causeOf(error: unknown): string | undefined {
  if (!(error instanceof Error && error.cause instanceof Error)) return undefined;
  return 'syscall' in error.cause ? undefined : error.cause.message;
}

/**
 * Extracts the message of a parser error, such as `error: unknown command 'serch'` with a suggestion on its own line.
 */
function sentence(message: string): string {
  const [first = '', ...others] = message
    .replace(/^error: /, '')
    .split('\n')
    .map((line) => line.replace(/^\((.*)\)$/, '$1'));
  const begun = `${first.charAt(0).toUpperCase()}${first.slice(1)}${/[.?!]$/.test(first) ? '' : '.'}`;
  return [begun, ...others].join(' ');
}
