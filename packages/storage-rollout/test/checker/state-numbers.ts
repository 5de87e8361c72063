import type { World } from './world.js';

/**
 * Numbers the parts of worlds, equal parts alike. A world is then a few numbers, compared exactly, and parts that a step
 * did not touch are not looked at again.
 */
export class StateNumbers {
  readonly #byObject = new WeakMap<object, number>();
  readonly #byText = new Map<string, number>();

  /** Equal for worlds that are equal. */
  ofWorld(world: World): string {
    const processes = world.processes.map((process) => this.#of(process)).join();
    return `${this.ofStores(world)};${processes};${world.crashes},${world.cuts}`;
  }

  /** Equal for worlds with equal stores and the same history. */
  ofStores({ stores, ghost }: World): string {
    return `${this.#of(stores.old)},${this.#of(stores.new)},${this.#of(ghost)}`;
  }

  #of(part: object): number {
    const known = this.#byObject.get(part);
    if (known !== undefined) return known;
    const text = JSON.stringify(part);
    const number = this.#byText.get(text) ?? this.#byText.size;
    this.#byText.set(text, number);
    this.#byObject.set(part, number);
    return number;
  }
}
