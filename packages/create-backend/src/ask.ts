import { createInterface } from 'node:readline/promises';
import type { Readable, Writable } from 'node:stream';
import { CreateError } from './create-error.js';

/** Asks for the answers that the command line did not give, on a terminal. An empty answer takes the default. */
export class Questions {
  readonly #lines;
  readonly #output: Writable;

  constructor(input: Readable, output: Writable) {
    this.#lines = createInterface({ input, output });
    this.#output = output;
  }

  /**
   * Asks until the answer passes the check.
   *
   * @param check Throws CreateError for an answer that cannot be used.
   */
  async ask(question: string, fallback: string, check: (answer: string) => void): Promise<string> {
    for (;;) {
      const line = await this.#lines.question(`${question} (${fallback}): `);
      const answer = line.trim() === '' ? fallback : line.trim();
      try {
        check(answer);
        return answer;
      } catch (error) {
        if (!(error instanceof CreateError)) throw error;
        this.#output.write(`  ${error.message}\n`);
      }
    }
  }

  close(): void {
    this.#lines.close();
  }
}
