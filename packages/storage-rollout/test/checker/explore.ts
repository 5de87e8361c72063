import { brokenBy, type Violation } from './invariants.js';
import { observe } from './observe.js';
import { isAtRest, settle } from './settle.js';
import { StateNumbers } from './state-numbers.js';
import { type Event, type Machine, transitions, type World } from './world.js';

/** What an exploration found. */
export interface Exploration {
  /** Number of distinct states. */
  readonly states: number;
  /** Number of steps between them. */
  readonly steps: number;
  /** Steps of the longest of the shortest paths. */
  readonly depth: number;
  /** True when every state within the bounds was visited. */
  readonly isComplete: boolean;
  /** Kinds of calls with their answers, such as `fence: refused`, and of failures. */
  readonly happened: ReadonlySet<string>;
  /** The first broken invariant, by a shortest path; null when all hold. */
  readonly counterexample: Counterexample | null;
}

/** A shortest way to a broken invariant. */
export interface Counterexample extends Violation {
  readonly path: readonly Event[];
}

/** Bounds of an exploration. */
export interface Bounds {
  /** Maximum number of states to visit. */
  readonly statesMax: number;
}

/** Visits every state that the world can come to, breadth first, and checks every invariant after every step. */
export function explore(machine: Machine, start: World, { statesMax }: Bounds): Exploration {
  const numbers = new StateNumbers();
  const seen = new Set([numbers.ofWorld(start)]);
  const settled = new Set<string>();
  const parents: number[] = [-1];
  const events: (Event | null)[] = [null];
  let frontier: (readonly [number, World])[] = [[0, start]];
  const happened = new Set<string>();
  let [steps, depth] = [0, 0];
  const pathTo = (index: number): Event[] => {
    const path: Event[] = [];
    for (let at = index; at > 0; at = parents[at] as number) path.unshift(events[at] as Event);
    return path;
  };
  const result = (counterexample: Counterexample | null, isComplete: boolean): Exploration => {
    return { states: seen.size, steps, depth, isComplete, happened, counterexample };
  };

  while (frontier.length > 0) {
    const next: (readonly [number, World])[] = [];
    for (const [index, world] of frontier) {
      for (const { event, world: bare } of transitions(machine, world)) {
        steps++;
        happened.add(event.kind === 'call' ? `${event.call.kind}: ${event.answer.kind}` : event.kind);
        const after = observe(world, event, bare);
        const broken = brokenBy(world, event, after);
        if (broken !== null) return result({ ...broken, path: [...pathTo(index), event] }, false);
        const key = numbers.ofWorld(after);
        if (seen.has(key)) continue;
        seen.add(key);
        if (isAtRest(machine, after) && !settled.has(numbers.ofStores(after))) {
          settled.add(numbers.ofStores(after));
          const unsettled = settle(machine, after);
          if (unsettled !== null) return result({ ...unsettled, path: [...pathTo(index), event] }, false);
        }
        parents.push(index);
        events.push(event);
        if (seen.size >= statesMax) return result(null, false);
        next.push([parents.length - 1, after]);
      }
    }
    frontier = next;
    depth++;
  }
  return result(null, true);
}
