// Plain JavaScript, because programs that tests start in processes of their own import it as well.

/**
 * Creates a stream of pseudo-random numbers in [0, 1), the same in every run with the same `SWITCHYARD_SEED`
 * (mulberry32). The global set-up of vitest sets the variable, and child processes inherit it.
 *
 * @param {number} stream Number of the stream, to give each process its own. Default: 0.
 */
export function seededRandom(stream = 0) {
  let state = (Number(process.env.SWITCHYARD_SEED ?? 0) + Math.imul(stream, 0x9e3779b9)) | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
