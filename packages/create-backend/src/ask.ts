import { createInterface } from 'node:readline/promises';
import type { Readable, Writable } from 'node:stream';
import { CreateError } from './create-error.js';

/** Asks for the answers that the command line did not give, on a terminal. An empty answer takes the default. */
export class Questions {
  readonly #lines;
  readonly #output: Writable;
  /** Rejects when the input ends, by Ctrl-C or Ctrl-D; a question would wait forever. */
  readonly #ended: Promise<never>;

  constructor(input: Readable, output: Writable) {
    this.#lines = createInterface({ input, output });
    this.#output = output;
    this.#ended = new Promise((_, reject) => {
      this.#lines.once('close', () =>
        reject(
          new CreateError('CREATE_INTERRUPTED', 'There was no answer.', 'Nothing was created; run it again.'),
        ),
      );
    });
    this.#ended.catch(() => undefined); // when it is closed after the last answer
  }

  /**
   * Asks until the answer passes the check.
   *
   * @param check Throws CreateError for an answer that cannot be used.
   */
  async ask(question: string, fallback: string, check: (answer: string) => void): Promise<string> {
    for (;;) {
      const line = await Promise.race([this.#lines.question(`${question} (${fallback}): `), this.#ended]);
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
