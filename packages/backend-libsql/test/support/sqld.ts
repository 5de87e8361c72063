import { findSqld, sqldHint } from '@switchyard/sqld';
import { describe } from 'vitest';

/** A group of tests on the real server: skipped visibly without a binary, except in CI, where that is a failure. */
export function describeWithSqld(name: string, body: () => void): void {
  const found = findSqld() !== null;
  if (!found && process.env.CI === 'true') throw new Error(`CI runs with a real server. ${sqldHint()}`);
  describe.skipIf(!found)(found ? name : `${name} (skipped: ${sqldHint()})`, body);
}
