/** Counts the turns of the event loop until stopped. */
export class TurnCounter {
  /** Number of turns so far. */
  turns = 0;
  #isStopped = false;
  readonly #onTurn: (turns: number) => void;

  /** @param onTurn Called in every turn with the number of turns so far. */
  constructor(onTurn: (turns: number) => void = () => undefined) {
    this.#onTurn = onTurn;
    this.#next();
  }

  stop(): void {
    this.#isStopped = true;
  }

  #next(): void {
    setImmediate(() => {
      if (this.#isStopped) return;
      this.turns += 1;
      this.#onTurn(this.turns);
      this.#next();
    });
  }
}
