import { describe, test } from 'vitest';
import type { TestRunner } from './runner.js';

/** vitest. Tests keep their order, whatever the configuration says, since the last one counts. */
export const vitestRunner: TestRunner = {
  describe: (title, body) => {
    describe(title, { shuffle: false, sequential: true }, body);
  },
  test: (title, body, timeout) => {
    test(title, { timeout }, ({ skip }) => body((reason) => skip(reason)));
  },
};
