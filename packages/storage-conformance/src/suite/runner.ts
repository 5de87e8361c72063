/** The test runner interface of the suite. Default: vitest's; see the README for `node:test`. */
export interface TestRunner {
  describe(title: string, body: () => void): void;
  /**
   * Registers one test.
   *
   * @param body Receives a function that marks the test as skipped; the body returns on its own after calling it.
   */
  test(title: string, body: (skip: (reason: string) => void) => Promise<void>, timeoutMs: number): void;
  /**
   * Registers work to do after the tests of the enclosing `describe`, also if only some of them run. Without it, the final
   * test does that work.
   */
  afterAll?(body: () => Promise<void>, timeoutMs: number): void;
}
