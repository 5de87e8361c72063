import type { Side, Task } from '@switchyard/storage-rollout/machine';
import { brokenBy, type Violation } from './invariants.js';
import { observe } from './observe.js';
import { heldIndex, LIBRARY, type Machine, stepOf, type World } from './world.js';

/** Calls that a repair may take in the scopes explored here. */
const CALLS_MAX = 60;

/** Returns true when all work but draining is over. */
export function isAtRest(machine: Machine, world: World): boolean {
  return world.processes.every(({ task }) => task.kind === 'drain' || machine.nextStep(task) === null);
}

/**
 * From a world at rest, lets drains finish, and a switch that was left half-way. Returns what is wrong then:
 * a side that counts as complete and differs, or a repair without an end.
 */
export function settle(machine: Machine, world: World): Violation | null {
  const { old, new: fresh } = world.stores;
  const [ofOld, ofNew] = [old, fresh].map(({ records }) => records.libraries[LIBRARY]?.authority);
  if (ofOld === undefined || ofNew === undefined) return null;
  const to: Side = (ofOld.epoch > ofNew.epoch ? ofOld : ofNew).holder;
  const from: Side = to === 'old' ? 'new' : 'old';

  const moved = finish(machine, world, { kind: 'switch', library: LIBRARY, to, state: { at: 'readLoser' } });
  if ('invariant' in moved) return moved;
  const drained = finish(machine, moved, {
    kind: 'drain',
    library: LIBRARY,
    from: to,
    state: { at: 'idle' },
  });
  if ('invariant' in drained) return drained;

  const holder = drained.stores[to].records.libraries[LIBRARY];
  if (holder?.authority.holder !== to)
    return { invariant: 'R', detail: `${to} was not admitted by a repair` };
  const secondary = drained.stores[from].records.libraries[LIBRARY];
  if (secondary?.filled !== holder.authority.epoch) return null;
  const page = Object.keys(holder.pages).find(
    (name) => heldIndex(drained, from, name) !== heldIndex(drained, to, name),
  );
  return page === undefined ? null : { invariant: 'R', detail: `page ${page} still differs after a repair` };
}

/** Lets a process of its own do a task to its end; a drain ends when it has nothing to take. */
function finish(machine: Machine, world: World, task: Task): World | Violation {
  let now: World = {
    ...world,
    cuts: 0,
    crashes: 0,
    processes: [{ name: 'repair', task, pending: [], retries: 2, crashable: false }],
  };
  for (let calls = 0; calls < CALLS_MAX; calls++) {
    const step = stepOf(machine, now, 0);
    if (step === null) return now;
    const after = observe(now, step.event, step.world);
    const broken = brokenBy(now, step.event, after);
    if (broken !== null) return { ...broken, detail: `${broken.detail} (in a repair)` };
    now = after;
    if (step.event.kind === 'call' && step.event.answer.kind === 'clean' && task.kind === 'drain') return now;
  }
  return { invariant: 'R', detail: `a ${task.kind} did not end within ${CALLS_MAX} calls` };
}
