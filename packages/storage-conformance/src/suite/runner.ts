/** What the suite needs of a test runner. vitest's is the default; see the README for `node:test`. */
export interface TestRunner {
  describe(title: string, body: () => void): void;
  /**
   * Registers one test.
   *
   * @param body Is given a function that marks the test as skipped; the body ends by itself after calling it.
   */
  test(title: string, body: (skip: (reason: string) => void) => Promise<void>, timeoutMs: number): void;
}
