/** Counts the turns of the event loop until it is stopped. */
export class TurnCounter {
  /** Turns so far. */
  turns = 0;
  #isStopped = false;
  readonly #onTurn: (turns: number) => void;

  /** @param onTurn called in every turn, with their number */
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
