import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

/** Returns a function that gives 32 random bits per call, the same sequence for the same seed. */
export function randomBits(seed: number): () => number {
  const generator = xoroshiro128plus(seed);
  return () => generator.next();
}
