import { propertySeed } from './property-seed.js';

/** Chooses the seed once for all workers, and says which one it is, so that the run can be repeated. */
export default function chooseSeed(): void {
  if (process.env.SWITCHYARD_SEED !== 'random') return;
  process.env.SWITCHYARD_SEED = String(propertySeed('random'));
  process.stdout.write(`Properties begin with SWITCHYARD_SEED=${process.env.SWITCHYARD_SEED}\n`);
}
