import { propertySeed } from './property-seed.js';

/** Chooses one seed for all workers and their child processes; prints a random one, so that the run can be repeated. */
export default function chooseSeed(): void {
  const asked = process.env.SWITCHYARD_SEED;
  process.env.SWITCHYARD_SEED = String(propertySeed(asked));
  if (asked === 'random') {
    process.stdout.write(`Properties begin with SWITCHYARD_SEED=${process.env.SWITCHYARD_SEED}\n`);
  }
}
