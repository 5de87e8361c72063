/** A stream of pseudo-random numbers. The same seed produces the same stream on every machine. */
export interface Random {
  /** Returns a float from 0 to below 1. */
  float(): number;
  /** Returns an integer from 0 to below `bound`. */
  below(bound: number): number;
  pick<T>(items: readonly T[]): T;
  chance(probability: number): boolean;
}

/** Creates the stream of a seed. Several parts, such as a run's seed, a phase and an index, form one seed. */
export function createRandom(...seed: readonly (string | number)[]): Random {
  let state = hash(seed.join('\u0000'));
  const float = (): number => {
    // mulberry32
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (bound: number): number => Math.floor(float() * bound);
  return {
    float,
    below,
    pick: <T>(items: readonly T[]): T => {
      if (items.length === 0) throw new RangeError('There are no items to pick from.');
      return items[below(items.length)] as T;
    },
    chance: (probability) => float() < probability,
  };
}

/** FNV-1a with a final mix, so that seeds that differ in one digit produce unrelated streams. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return (value ^ (value >>> 16)) >>> 0;
}
