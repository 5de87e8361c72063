import fc from 'fast-check';

/** The seed of the project's property tests, when nothing else is asked for: the same inputs on every machine. */
const FIXED_SEED = 2607;

/**
 * The seed that `SWITCHYARD_SEED` asks for: a whole number, or `random` for another one in every run.
 *
 * @throws TypeError for anything else.
 */
export function propertySeed(asked: string | undefined): number {
  if (asked === undefined || asked === '') return FIXED_SEED;
  if (asked === 'random') return Math.floor(Math.random() * 2 ** 31);
  const seed = Number(asked);
  if (!/^-?\d+$/.test(asked) || (seed | 0) !== seed) {
    throw new TypeError(`SWITCHYARD_SEED is a whole number of 32 bits or 'random', not '${asked}'.`);
  }
  return seed;
}

// As a setup file of vitest: every property of this worker begins here, those of the conformance suite, too.
fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: propertySeed(process.env.SWITCHYARD_SEED) });
