import type { ConformanceOptions } from './options.js';

/** Resource that the stores of a run share: started when the first one is created, and ended once. */
export class SharedSetup<Shared> {
  readonly #setup: ConformanceOptions<Shared>['setup'];
  readonly #teardown: ConformanceOptions<Shared>['teardown'];
  #started: Promise<Shared> | undefined;

  constructor(setup: ConformanceOptions<Shared>['setup'], teardown: ConformanceOptions<Shared>['teardown']) {
    this.#setup = setup;
    this.#teardown = teardown;
  }

  /** Returns the shared value. A failed setup is not repeated: every test fails with its error. */
  get(): Promise<Shared> {
    this.#started ??= (async () => (await this.#setup?.()) as Shared)();
    return this.#started;
  }

  /** Ends the shared value if it was started. */
  async end(): Promise<void> {
    const started = this.#started;
    this.#started = undefined;
    const outcome = await started?.then(
      (shared) => ({ shared }),
      // The tests have reported it.
      () => undefined,
    );
    if (outcome !== undefined) await this.#teardown?.(outcome.shared);
  }
}
