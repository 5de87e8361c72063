import { AssertionError } from 'node:assert/strict';
import { stripVTControlCharacters } from 'node:util';
import { firstDifference } from '../support/first-difference.js';
import { escapeInvisible } from '../support/show.js';
import type { CallTrace } from './call-trace.js';

/**
 * Puts first what the author of a backend needs first: the first difference, and the calls that led to it. The error and
 * its stack stay the same; only its message changes.
 */
export function explainFailure(error: unknown, trace: CallTrace): unknown {
  if (!(error instanceof Error)) return error;
  // A property reports the counterexample, and what failed as its cause.
  const origin = originOf(error);
  const difference = isComparison(origin) ? firstDifference(origin.actual, origin.expected) : null;
  const calls = trace.describe(origin);
  const parts = [
    difference === null ? null : `First difference ${difference}`,
    origin === error ? null : readable(origin.message),
    readable(error.message).replace(/\n*Hint: Enable verbose mode.*$/m, ''),
    calls === '' ? null : `Last calls:\n${calls}`,
  ];
  try {
    error.message = parts.filter((part) => part !== null).join('\n\n');
  } catch {
    // A frozen error is reported as it is.
  }
  return error;
}

function originOf(error: Error): Error {
  return error.message.startsWith('Property failed') && error.cause instanceof Error ? error.cause : error;
}

function isComparison(error: Error): error is AssertionError {
  return error instanceof AssertionError && /equal$/i.test(error.operator);
}

function readable(message: string): string {
  return stripVTControlCharacters(message).split('\n').map(escapeInvisible).join('\n');
}
