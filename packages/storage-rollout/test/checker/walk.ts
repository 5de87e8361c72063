import type { Counterexample } from './explore.js';
import { brokenBy } from './invariants.js';
import { observe } from './observe.js';
import { isAtRest, settle } from './settle.js';
import { type Event, type Machine, transitions, type World } from './world.js';

/** One random way through a world that is too large to explore. */
export interface Walk {
  readonly path: readonly Event[];
  /** Broken invariant with the whole path; null when all hold. */
  readonly counterexample: Counterexample | null;
}

/** Steps after which a walk ends, since drains never do. */
const STEPS_MAX = 600;

/**
 * Takes random steps until only drains are left, checks every invariant after each, and lets a repair finish. Failures are
 * rarer than calls, so that they are spread over the whole way.
 */
export function walk(machine: Machine, start: World, random: () => number): Walk {
  let world = start;
  const path: Event[] = [];
  const pick = <T>(list: readonly T[]): T | undefined => list[Math.floor(random() * list.length)];
  for (let step = 0; step < STEPS_MAX; step++) {
    const found = transitions(machine, world);
    const isFailure = ({ event }: (typeof found)[number]) => event.kind !== 'call' || event.isUnheard;
    const failures = random() < 0.05 ? found.filter(isFailure) : [];
    const taken = pick(failures) ?? pick(found.filter((transition) => !isFailure(transition)));
    if (taken === undefined) break;
    const after = observe(world, taken.event, taken.world);
    path.push(taken.event);
    const broken = brokenBy(world, taken.event, after);
    if (broken !== null) return { path, counterexample: { ...broken, path } };
    world = after;
    if (isAtRest(machine, world) && random() < 0.2) break;
  }
  const unsettled = isAtRest(machine, world) ? settle(machine, world) : null;
  return { path, counterexample: unsettled === null ? null : { ...unsettled, path } };
}

/** Seeded numbers from 0 up to 1 (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
