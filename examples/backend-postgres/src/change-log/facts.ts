/** Interrupts work that needs a fact which was not read yet. Nothing but {@link Facts} sees it. */
class Missing extends Error {
  readonly load: () => Promise<void>;

  constructor(name: string, load: () => Promise<void>) {
    super(`${name} has not been read yet.`);
    this.load = load;
  }
}

/**
 * Facts of a transaction for work that is synchronous, as the rules of a rollout are: where it needs a fact that was not
 * read yet, it is interrupted, the fact is read, and it begins again. So the work must not change anything but its own
 * values before it is complete; everything it wants to write is kept by its records and written afterwards.
 */
export class Facts {
  readonly #known = new Map<string, unknown>();

  /** Returns a fact. @param load Reads it from the database. */
  need<T>(name: string, load: () => Promise<T>): T {
    if (this.#known.has(name)) return this.#known.get(name) as T;
    throw new Missing(name, async () => {
      this.#known.set(name, await load());
    });
  }

  /** Adds a fact that was read along with another one. */
  learn(name: string, value: unknown): void {
    this.#known.set(name, value);
  }

  /** Runs work again and again until it has every fact. */
  async run<T>(work: () => T): Promise<T> {
    for (;;) {
      try {
        return work();
      } catch (error) {
        if (!(error instanceof Missing)) throw error;
        await error.load();
      }
    }
  }
}
