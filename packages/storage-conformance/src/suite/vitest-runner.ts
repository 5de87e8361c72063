import { afterAll, describe, test } from 'vitest';
import type { TestRunner } from './runner.js';

/** Runs tests with vitest, always in order, since the final test counts the others. */
export const vitestRunner: TestRunner = {
  describe: (title, body) => {
    describe(title, { shuffle: false, sequential: true }, body);
  },
  test: (title, body, timeout) => {
    test(title, { timeout }, ({ skip }) => body((reason) => skip(reason)));
  },
  afterAll: (body, timeout) => {
    afterAll(body, timeout);
  },
};
