import assert from 'node:assert/strict';
import { errorCodes, isStorageError, type StorageErrorCode } from '@switchyard/storage-core';
import type { ContractTest } from '../suite/contract-test.js';
import type { ConformanceOptions } from '../suite/options.js';
import { assertNoSecret } from '../support/assertions.js';

/** One contract test for each error that the options can provoke. */
export function provokedTests({ provoke = {} }: Pick<ConformanceOptions, 'provoke'>): ContractTest[] {
  return (Object.keys(provoke) as StorageErrorCode[]).map((code) => ({
    id: `provoked/${code}`,
    title: `${errorCodes[code].meaning.replace(/\.$/, '')}: ${code}`,
    needs: [],
    run: async ({ options }) => {
      const { provoke: attempt, cleanup } = await (
        provoke[code] as NonNullable<(typeof provoke)[typeof code]>
      )();
      try {
        const error: unknown = await attempt().then(
          () => assert.fail(`The call succeeded; ${code} was expected.`),
          (reason: unknown) => reason,
        );
        if (!isStorageError(error)) throw error;
        assert.equal(error.code, code);
        assert.equal(error.retryable, errorCodes[code].retryable);
        assert.ok(error.message.length > 0, 'The message must say what happened.');
        assertNoSecret(error, options.secrets);
      } finally {
        await cleanup?.();
      }
    },
  }));
}
